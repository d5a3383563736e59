/// Who may start next: projects in turn, first come first served within one, as far as workers and memory reach.
///
/// A job that does not fit is passed over by those behind it, but not for ever: after `patience` of them nobody starts
/// before it does.
struct TurnQueue: Sendable {
  struct Waiting: Sendable, Hashable {
    var id: String
    var project: String
    /// Place in the order of arrival.
    var place: Int64
    var bytes: Int
  }

  struct Room: Sendable, Hashable {
    var workers: Int
    var bytes: Int
  }

  /// What a job waits for.
  enum Reason: Sendable, Hashable {
    case worker(busy: Int)
    case memory(needed: Int, free: Int)
    /// An earlier job of its project.
    case turn(behind: String)
    /// A job that has been passed over often enough.
    case reserved(for: String)
  }

  struct Decision: Sendable, Hashable {
    var starts: [String] = []
    var reasons: [String: Reason] = [:]
  }

  static let patience = 4

  /// When each project last had a job started; only the order counts.
  private var lastTurns: [String: Int]
  private var clock: Int
  /// How often a job's turn had come, and another started.
  private var passedOver: [String: Int] = [:]

  init(lastTurns: [String: Int] = [:]) {
    self.lastTurns = lastTurns
    clock = lastTurns.values.max() ?? 0
  }

  /// Starts what may start. A job that needs more memory than there is at all starts when nothing else runs.
  mutating func decide(waiting: [Waiting], running: [Int], room: Room) -> Decision {
    var decision = Decision()
    var left = waiting.sorted { $0.place < $1.place }
    var bytes = running
    passedOver = passedOver.filter { entry in left.contains { $0.id == entry.key } }
    while !left.isEmpty {
      let heads = heads(of: left)
      guard bytes.count < room.workers else {
        for head in heads { decision.reasons[head.id] = .worker(busy: bytes.count) }
        break
      }
      let free = room.bytes - bytes.reduce(0, +)
      var chosen: Waiting?
      var passed: [String] = []
      for head in heads {
        if bytes.isEmpty || head.bytes <= free {
          chosen = head
          break
        }
        decision.reasons[head.id] = .memory(needed: head.bytes, free: max(0, free))
        if passedOver[head.id, default: 0] >= Self.patience {
          for other in heads where decision.reasons[other.id] == nil {
            decision.reasons[other.id] = .reserved(for: head.id)
          }
          break
        }
        passed.append(head.id)
      }
      guard let chosen else { break }
      for id in passed { passedOver[id, default: 0] += 1 }
      decision.reasons[chosen.id] = nil
      decision.starts.append(chosen.id)
      bytes.append(chosen.bytes)
      clock += 1
      lastTurns[chosen.project] = clock
      left.removeAll { $0.id == chosen.id }
    }
    let heads = Dictionary(self.heads(of: left).map { ($0.project, $0.id) }) { first, _ in first }
    for job in left where decision.reasons[job.id] == nil {
      if let head = heads[job.project], head != job.id { decision.reasons[job.id] = .turn(behind: head) }
    }
    return decision
  }

  /// The first job of each project, the project whose last turn is longest ago in front.
  private func heads(of waiting: [Waiting]) -> [Waiting] {
    var seen: Set<String> = []
    return waiting.filter { seen.insert($0.project).inserted }.sorted {
      (lastTurns[$0.project] ?? -1, $0.place) < (lastTurns[$1.project] ?? -1, $1.place)
    }
  }
}
