import Testing

@testable import Jobs

struct TurnQueueTests {
  private static let gigabyte = 1 << 30

  private func waiting(_ id: String, _ project: String, _ place: Int64, gigabytes: Int = 1)
    -> TurnQueue.Waiting
  {
    TurnQueue.Waiting(id: id, project: project, place: place, bytes: gigabytes * Self.gigabyte)
  }

  private func room(_ workers: Int, gigabytes: Int = 100) -> TurnQueue.Room {
    TurnQueue.Room(workers: workers, bytes: gigabytes * Self.gigabyte)
  }

  @Test func `projects take turns, and within one the first comes first`() {
    var queue = TurnQueue()
    var left = [
      waiting("a1", "a", 1), waiting("a2", "a", 2), waiting("a3", "a", 3), waiting("b1", "b", 4),
      waiting("b2", "b", 5), waiting("c1", "c", 6),
    ]
    var order: [String] = []
    while !left.isEmpty {
      let starts = queue.decide(waiting: left, running: [], room: room(1)).starts
      #expect(starts.count == 1)
      order += starts
      left.removeAll { starts.contains($0.id) }
    }
    #expect(order == ["a1", "b1", "c1", "a2", "b2", "a3"])
  }

  @Test func `turns survive a restart`() {
    var queue = TurnQueue(lastTurns: ["a": 1_700_000_100, "b": 1_700_000_000])
    let both = [waiting("a1", "a", 1), waiting("b1", "b", 2), waiting("c1", "c", 3)]
    #expect(queue.decide(waiting: both, running: [], room: room(3)).starts == ["c1", "b1", "a1"])
  }

  @Test func `every job that does not start has a reason`() {
    var queue = TurnQueue()
    let jobs = [waiting("a1", "a", 1), waiting("a2", "a", 2), waiting("b1", "b", 3)]
    let full = queue.decide(waiting: jobs, running: [Self.gigabyte], room: room(1))
    #expect(full.starts == [])
    #expect(full.reasons == ["a1": .worker(busy: 1), "a2": .turn(behind: "a1"), "b1": .worker(busy: 1)])
    let narrow = queue.decide(waiting: jobs, running: [9 * Self.gigabyte], room: room(9, gigabytes: 10))
    #expect(narrow.starts == ["a1"])
    #expect(
      narrow.reasons == [
        "b1": .memory(needed: Self.gigabyte, free: 0), "a2": .memory(needed: Self.gigabyte, free: 0),
      ])
  }

  @Test func `memory is never promised twice`() {
    var queue = TurnQueue()
    let jobs = (0..<10).map { waiting("j\($0)", "p\($0)", Int64($0), gigabytes: 3) }
    #expect(
      queue.decide(waiting: jobs, running: [], room: room(10, gigabytes: 10)).starts == ["j0", "j1", "j2"])
  }

  @Test func `a job larger than all memory runs alone`() {
    var queue = TurnQueue()
    let jobs = [waiting("huge", "a", 1, gigabytes: 50), waiting("small", "b", 2)]
    #expect(queue.decide(waiting: jobs, running: [], room: room(4, gigabytes: 10)).starts == ["huge"])
    let beside = queue.decide(waiting: jobs, running: [Self.gigabyte], room: room(4, gigabytes: 10))
    #expect(beside.starts == ["small"])
  }

  @Test func `small jobs do not pass a large one for ever`() {
    var queue = TurnQueue()
    let large = waiting("large", "a", 0, gigabytes: 8)
    var passed = 0
    for place in 1...20 {
      // One small job is always running, so the large one never fits.
      let decision = queue.decide(
        waiting: [large, waiting("s\(place)", "b", Int64(place))], running: [4 * Self.gigabyte],
        room: room(2, gigabytes: 10))
      passed += decision.starts.count
      if decision.starts.isEmpty { #expect(decision.reasons["s\(place)"] == .reserved(for: "large")) }
    }
    #expect(passed == TurnQueue.patience)
    #expect(queue.decide(waiting: [large], running: [], room: room(2, gigabytes: 10)).starts == ["large"])
  }
}
