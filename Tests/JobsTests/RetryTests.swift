import Cluster
import Foundation
import Jobs
import Records
import Store
import Synchronization
import Testing

/// Workers that do not do what they should.
@Suite(.timeLimit(.minutes(30)))
struct RetryTests {
  private func run(
    _ scripts: ScriptedLauncher.Script..., settings change: (inout JobSettings) -> Void = { _ in }
  )
    async throws -> (Job, Workshop)
  {
    let shop = try await Workshop()
    var settings = shop.settings
    change(&settings)
    for script in scripts { await shop.launcher.add(script, for: "j") }
    let job = try await shop.withDesk(settings) { desk in
      _ = try await desk.submit(shop.order("j"))
      return try await shop.job("j") { $0.status.isFinal || $0.status == .paused }
    }
    return (job, shop)
  }

  @Test func `a worker that dies is started again, and the reason is kept`() async throws {
    let (job, shop) = try await run([4: .die(.signaled(SIGSEGV))], [6: .die(.exited(134))])
    #expect(job.status == .succeeded && job.attempts == 3)
    #expect(try await shop.toldSteps("j") == Array(1...10))
    let warnings = try await shop.events("j").filter { $0.level == .warn }.map(\.message)
    #expect(
      warnings == [
        "The worker died of SIGSEGV\nIt is started again from its newest checkpoint (retry 1 of 3).",
        "The worker ended with code 134\nIt is started again from its newest checkpoint (retry 2 of 3).",
      ])
    #expect(try await shop.messages("j").contains("Training goes on after step 4"))
  }

  @Test func `retries are bounded, and what was made stays`() async throws {
    let dead = ScriptedLauncher.Act.die(.signaled(SIGKILL))
    let (job, shop) = try await run([2: dead], [3: dead], [3: dead], [4: dead], [5: dead])
    #expect(job.status == .failed && job.errorCode == "worker_died" && job.attempts == 4)
    #expect(
      job.errorMessage
        == "the worker died of SIGKILL; the system may have run out of memory\nThat was the last of 4 tries.")
    #expect(try await shop.store.checkpoints(of: "j").map(\.step) == [1, 2, 3, 4])
    #expect(job.resultFile != nil && job.tunedModel == nil && job.trainedTokens == 400)
  }

  @Test func `a step that was done and not reported is told from the journal`() async throws {
    let (job, shop) = try await run([2: .dieUnreported])
    #expect(job.status == .succeeded)
    #expect(try await shop.toldSteps("j") == Array(1...10))
  }

  @Test(arguments: [
    (WorkerFailure.Kind.usage, "invalid_job"), (.model, "model_error"), (.data, "invalid_training_file"),
    (.limit, "limit_exceeded"), (.training, "training_failed"),
  ])
  func `a failure that another try cannot help ends the job`(_ kind: WorkerFailure.Kind, _ code: String)
    async throws
  {
    let (job, shop) = try await run([3: .fail(WorkerFailure(kind, "no"))])
    #expect(job.status == .failed && job.errorCode == code && job.errorMessage == "no" && job.attempts == 1)
    #expect(try await shop.events("j").last?.level == .error)
  }

  @Test(arguments: [WorkerFailure.Kind.memory, .storage, .grading, .other])
  func `a failure that may pass is tried again`(_ kind: WorkerFailure.Kind) async throws {
    let (job, _) = try await run([3: .fail(WorkerFailure(kind, "not now"))])
    #expect(job.status == .succeeded && job.attempts == 2)
  }

  @Test func `paths of this machine are kept out of what clients read`() async throws {
    let shop = try await Workshop()
    let path = shop.folder + "/jobs/j"
    await shop.launcher.add([3: .fail(WorkerFailure(.data, "\(path)/train.jsonl is gone"))], for: "j")
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      let job = try await shop.job("j") { $0.status.isFinal }
      #expect(job.errorMessage == "train.jsonl is gone")
    }
  }

  @Test func `a worker without a sign of life is ended and started again`() async throws {
    let (job, shop) = try await run([3: .hang]) { $0.silenceLimit = .seconds(2) }
    #expect(job.status == .succeeded && job.attempts >= 2)
    #expect(
      try await shop.messages("j").contains {
        $0.hasPrefix("The worker showed no sign of life and was ended\n")
      })
  }

  @Test func `a worker that cannot be started is waited for`() async throws {
    let shop = try await Workshop()
    await shop.launcher.refuseStarts(3)
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      let job = try await shop.job("j") { $0.status.isFinal }
      #expect(job.status == .succeeded)
      #expect(job.attempts == 1, "what did not start does not count")
    }
    #expect(await shop.launcher.refusals == 3)
    #expect(await shop.launcher.started.count == 1)
  }

  @Test(arguments: [
    ScriptedLauncher.Act.fail(WorkerFailure(.storage, "no space left on device")), .die(.exited(1)),
  ])
  func `a job waits for room on a full disk, and no worker has died of it`(_ act: ScriptedLauncher.Act)
    async throws
  {
    let shop = try await Workshop()
    await shop.launcher.script("j", [3: .hold, 4: act])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
      shop.disk.free.withLock { $0 = 1 << 20 }
      await shop.launcher.release()
      try await shop.job("j") { $0.waitingFor?.hasPrefix("waits for disk space, since 20") == true }
      #expect(await shop.launcher.started.count == 1)
      shop.disk.free.withLock { $0 = .max }
      let job = try await shop.job("j") { $0.status.isFinal }
      #expect(job.status == .succeeded && job.attempts == 2)
      #expect(try await shop.store.work(of: "j")?.deaths == 0)
    }
  }

  @Test func `a result file that cannot be written keeps no job from its end`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("j", [3: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
      try FileManager.default.removeItem(atPath: shop.folder + "/files")
      let job = try await desk.cancel("j")
      #expect(job.status == .cancelled && job.resultFile == nil)
      #expect(try await shop.events("j").contains { $0.level == .warn && $0.source == "result file" })
    }
  }

  @Test func `an alarm that wants a person pauses the job`() async throws {
    let shop = try await Workshop()
    await shop.launcher.add([3: .fail(WorkerFailure(.paused, "the run is paused after step 3"))], for: "j")
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.job("j") { $0.status == .paused }
      #expect(
        try await shop.messages("j").contains {
          $0.hasPrefix("The job is paused by an alarm: the run is paused after step 3.")
        })
      _ = try await desk.resume("j")
      let end = try await shop.job("j") { $0.status.isFinal }
      #expect(end.status == .succeeded)
    }
  }

  @Test func `a worker that somebody else has stopped is started again`() async throws {
    let (job, shop) = try await run([3: .stop])
    #expect(job.status == .succeeded && job.attempts == 2)
    #expect(try await shop.store.work(of: "j")?.deaths == 0)
  }

  @Test func `a worker that dies on the way to a pause leaves the job paused`() async throws {
    let shop = try await Workshop()
    await shop.launcher.add([3: .hold], for: "j")
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
      await shop.launcher.ignoreRequests()
      _ = try await desk.pause("j")
      try await shop.until("asked") { await shop.launcher.requests > 0 }
      await shop.launcher.kill("j")
      let job = try await shop.job("j") { $0.status == .paused }
      #expect(job.attempts == 1)
      #expect(try await shop.store.checkpoints(of: "j").map(\.step) == [1, 2, 3])
    }
  }
}
