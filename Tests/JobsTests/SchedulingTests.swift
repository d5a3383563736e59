import Foundation
import Records
import Store
import Testing

@testable import Jobs

@Suite(.timeLimit(.minutes(30)))
struct SchedulingTests {
  @Test func `projects take turns at one worker`() async throws {
    let shop = try await Workshop()
    try await shop.addProject("proj_2")
    await shop.launcher.script("first", [1: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("first"))
      try await shop.job("first") { $0.status == .running }
      for id in ["a", "b"] { _ = try await desk.submit(shop.order(id)) }
      for id in ["c", "d"] { _ = try await desk.submit(shop.order(id, project: "proj_2")) }
      for id in ["a", "b", "c", "d"] {
        try await shop.job(id) { $0.status == .queued && $0.waitingFor != nil }
      }
      try await shop.job("b") { $0.waitingFor?.contains("behind a of the same project") == true }
      await shop.launcher.release()
      for id in ["a", "b", "c", "d"] { try await shop.job(id) { $0.status == .succeeded } }
    }
    let order = await shop.launcher.started.compactMap { path in
      ["first", "a", "b", "c", "d"].first { path.contains("/jobs/\($0)/") }
    }
    #expect(order == ["first", "c", "a", "d", "b"])
  }

  @Test func `jobs are admitted by their forecast, and the sentence says what is missing`() async throws {
    let shop = try await Workshop()
    try await shop.addProject("proj_2")
    var settings = shop.settings
    settings.workers = 4
    await shop.launcher.script("a", [1: .hold])
    let probe = try await Self.forecast(shop)
    settings.memoryBudget = probe * 3 / 2
    try await shop.withDesk(settings) { desk in
      _ = try await desk.submit(shop.order("a"))
      try await shop.until("a's worker") { await shop.launcher.started.count == 2 }
      _ = try await desk.submit(shop.order("b", project: "proj_2"))
      let waiting = try await shop.job("b") { $0.waitingFor?.contains("memory") == true }
      #expect(waiting.waitingFor?.hasPrefix("waits for memory: it is forecast to take ") == true)
      #expect(await shop.launcher.started.count == 2, "the probe and a")
      await shop.launcher.release()
      try await shop.job("b") { $0.status == .succeeded }
    }
  }

  private static func forecast(_ shop: Workshop) async throws -> Int {
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("probe"))
      return try await shop.job("probe") { $0.status == .succeeded }.forecastBytes ?? 0
    }
  }

  @Test func `a project has no more jobs than its quota, and paused ones do not count`() async throws {
    let shop = try await Workshop()
    try await shop.addProject("small", limit: 2)
    await shop.launcher.script("a", [1: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("a", project: "small"))
      try await shop.job("a") { $0.status == .running }
      _ = try await desk.submit(shop.order("b", project: "small"))
      await #expect {
        _ = try await desk.submit(shop.order("c", project: "small"))
      } throws: { ($0 as? JobFailure)?.kind == .quota }
      #expect(try await shop.store.job("c") == nil)
      try await shop.job("b") { $0.status == .queued }
      _ = try await desk.pause("b")
      _ = try await desk.submit(shop.order("c", project: "small"))
      await #expect {
        _ = try await desk.resume("b")
      } throws: { ($0 as? JobFailure)?.kind == .quota }
      await shop.launcher.release()
      try await shop.job("c") { $0.status == .succeeded }
      #expect(try await desk.resume("b").status == .queued)
      try await shop.job("b") { $0.status == .succeeded }
    }
  }

  @Test func `files are checked for projects in turn`() async throws {
    let shop = try await Workshop()
    try await shop.addProject("proj_2")
    let desk = JobDesk(shop.surroundings())
    let crowd = (0..<12).map { "crowd-\($0)" }
    for id in crowd { _ = try await desk.submit(shop.order(id)) }
    _ = try await desk.submit(shop.order("lone", project: "proj_2"))
    await shop.launcher.script("crowd-0", [1: .hold])
    try await shop.withDesk { _ in
      var begun: [Int64] = []
      for id in crowd + ["lone"] {
        try await shop.job(id) { $0.status != .validatingFiles }
        begun.append(try #require(try await shop.events(id).first { $0.source == "validating" }?.sequence))
      }
      // Were it first come, first served over all projects, at least eleven would have come before.
      #expect(begun.count { $0 < begun[12] } < 11)
    }
  }

  @Test func `a job does not overtake one of its project whose files are still checked`() async throws {
    let shop = try await Workshop()
    // Where its folder is to be there is a file, for now.
    try FileManager.default.createDirectory(atPath: shop.settings.folder, withIntermediateDirectories: true)
    let place = JobFolder("a", under: shop.settings.folder).path
    try "".write(toFile: place, atomically: true, encoding: .utf8)
    try await shop.withDesk { desk in
      for id in ["a", "b"] { _ = try await desk.submit(shop.order(id)) }
      try await shop.job("b") { $0.waitingFor?.contains("behind a of the same project") == true }
      try FileManager.default.removeItem(atPath: place)
      for id in ["a", "b"] { try await shop.job(id) { $0.status == .succeeded } }
    }
    #expect(await shop.launcher.started.map { $0.contains("/jobs/a/") } == [true, false])
  }

  @Test func `an order that cannot be read fails its job`() async throws {
    let shop = try await Workshop()
    for id in ["j", "k"] { _ = try await JobDesk(shop.surroundings()).submit(shop.order(id)) }
    var change = JobChange()
    change.work = { $0.order = JSONColumn(.null) }
    try await shop.store.apply(change, to: "j")
    change.job = { job in
      job.status = .running
      return true
    }
    try await shop.store.apply(change, to: "k")
    try await shop.withDesk { _ in
      for id in ["j", "k"] {
        let job = try await shop.job(id) { $0.status.isFinal }
        #expect(job.status == .failed && job.errorCode == "invalid_job")
      }
    }
  }

  @Test func `a name is taken once in a project and shape`() async throws {
    let shop = try await Workshop()
    try await shop.addProject("other")
    let desk = JobDesk(shop.surroundings())
    func order(_ id: String, _ project: String) -> JobOrder {
      var order = shop.order(id, project: project)
      order.name = "mine"
      return order
    }
    _ = try await desk.submit(order("a", "proj_1"))
    await #expect {
      _ = try await desk.submit(order("b", "proj_1"))
    } throws: { ($0 as? JobFailure)?.kind == .nameTaken }
    _ = try await desk.submit(order("c", "other"))
  }
}
