import Foundation
import Jobs
import Records
import Store
import Testing

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
      for id in ["a", "b"] { _ = try await desk.submit(shop.order(id, project: "small")) }
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
