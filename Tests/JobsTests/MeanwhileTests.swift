import Cluster
import Foundation
import GRDB
import Records
import Store
import Testing

@testable import Jobs

/// What is asked of a job at the very moment at which something else becomes of it.
@Suite(.timeLimit(.minutes(30)))
struct MeanwhileTests {
  /// Changes the job between the look at it and its coming to rest: metrics are set just before.
  private func meanwhile(_ change: String, in shop: Workshop) async throws {
    try await shop.store.write {
      try $0.execute(
        sql: """
          CREATE TRIGGER meanwhile AFTER UPDATE OF metrics ON jobCheckpoint
          BEGIN UPDATE job SET \(change); END
          """)
    }
  }

  @Test func `a job that is cancelled while it comes to rest is cancelled`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("j", [3: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
      try await meanwhile("wish = 'cancel' WHERE wish = 'pause'", in: shop)
      _ = try await desk.pause("j")
      let job = try await shop.job("j") { $0.status.isFinal || $0.status == .paused }
      #expect(job.status == .cancelled && job.wish == nil)
    }
    #expect(await shop.launcher.started.count == 1)
  }

  @Test func `a job that is resumed while it comes to rest goes on`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("j", [3: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
      try await meanwhile("wish = NULL WHERE wish = 'pause'", in: shop)
      _ = try await desk.pause("j")
      let job = try await shop.job("j") { $0.status.isFinal || $0.status == .paused }
      #expect(job.status == .succeeded && job.attempts == 2)
      #expect(try await !shop.messages("j").contains { $0.hasPrefix("The job is paused") })
    }
  }

  @Test func `a job that is cancelled while an alarm pauses it is cancelled`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("j", [3: .fail(WorkerFailure(.paused, "the run is paused after step 3"))])
    try await meanwhile("wish = 'cancel' WHERE wish IS NULL", in: shop)
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      let job = try await shop.job("j") { $0.status.isFinal || $0.status == .paused }
      #expect(job.status == .cancelled)
    }
  }

  @Test func `a paused job that is resumed while it is cancelled is cancelled as one that runs`() async throws
  {
    let shop = try await Workshop()
    await shop.launcher.script("j", [3: .hold], [5: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
      _ = try await desk.pause("j")
      let paused = try await shop.job("j") { $0.status == .paused }
      _ = try await desk.resume("j")
      try await shop.until("step 5") { try await shop.toldSteps("j").count == 5 }
      let work = try #require(try await shop.store.work(of: "j"))
      let order = try #require(JobOrder(json: work.order.value, request: paused.request.value))
      let settlement = Settlement(surroundings: shop.surroundings(), job: paused, order: order)
      let isDone = try await settlement.settle(.cancelled, run: nil, where: { $0.status == .paused })
      #expect(!isDone)
      #expect(try await shop.store.job("j")?.status == .running)
      #expect(try await desk.cancel("j").status == .cancelled)
    }
    #expect(await shop.launcher.atWork == 0)
  }

  @Test func `no worker goes on for a job that has ended without it`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("j", [3: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
      try await shop.store.change("j") {
        $0.status = .cancelled
        return true
      }
      try await shop.until("the worker's end") { await shop.launcher.atWork == 0 }
    }
    #expect(try await shop.store.job("j")?.status == .cancelled)
  }

  @Test func `a paused job whose run cannot be read is cancelled once it can`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("j", [3: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
      _ = try await desk.pause("j")
      try await shop.job("j") { $0.status == .paused }
      // A file in the folder's place: listing it fails for whatever user.
      let path = shop.surroundings().folder(of: "j").runRoot
      try FileManager.default.moveItem(atPath: path, toPath: path + ".aside")
      try Data().write(to: URL(filePath: path))
      await #expect {
        _ = try await desk.cancel("j")
      } throws: { ($0 as? JobFailure)?.kind == .unusable }
      #expect(try await shop.store.job("j")?.status == .paused)
      try FileManager.default.removeItem(atPath: path)
      try FileManager.default.moveItem(atPath: path + ".aside", toPath: path)
      let job = try await desk.cancel("j")
      #expect(job.status == .cancelled && job.resultFile != nil)
    }
  }
}
