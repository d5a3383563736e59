import Checkpoints
import Cluster
import Foundation
import Records
import Store
import Testing

@testable import Jobs

/// A service that ends, by whatever cause, and the next one.
@Suite(.timeLimit(.minutes(30)))
struct TakingOverTests {
  /// A state that a service may be killed in.
  enum Moment: String, CaseIterable, Sendable {
    case accepted = "the job is accepted"
    case filesHalfCopied = "its files are copied by half"
    case queued = "it is queued"
    case runningWithoutFolder = "it is running and has no run folder"
    case folderHalfMade = "its run folder is made by half"
    case folderWithoutLaunch = "its run folder is made"
    case launchWithoutWorker = "the launch is written down, and no worker was started"
    case workerGone = "the worker has gone with the service"
    case statusStale = "the worker was started again and had not begun"
  }

  @Test(arguments: Moment.allCases)
  func `a job goes on from wherever the service was killed`(_ moment: Moment) async throws {
    let shop = try await Workshop()
    try await arrange(moment, shop)
    try await shop.withDesk { _ in
      let job = try await shop.job("j") { $0.status.isFinal }
      #expect(job.status == .succeeded, "\(job.errorMessage ?? "")")
      #expect(try await shop.toldSteps("j") == Array(1...10))
      #expect(try await shop.store.work(of: "j")?.deaths == 0, "it was not the worker's fault")
    }
    #expect(await shop.launcher.started.count == 1)
    #expect(await shop.launcher.collisions == 0)
    #expect(try FileManager.default.contentsOfDirectory(atPath: shop.folder + "/jobs/j/run").count == 1)
  }

  private func arrange(_ moment: Moment, _ shop: Workshop) async throws {
    _ = try await JobDesk(shop.surroundings()).submit(shop.order("j"))
    let folder = JobFolder("j", under: shop.settings.folder)
    if moment == .accepted { return }
    try folder.make()
    if moment == .filesHalfCopied {
      try "{\"messa".write(toFile: folder.trainPath, atomically: true, encoding: .utf8)
      return
    }
    let desk = JobDesk(shop.surroundings())
    try await desk.prepare(try #require(try await shop.store.job("j")))
    if moment == .queued { return }
    let job = try #require(
      try await shop.store.change("j") {
        $0.status = .running
        return true
      })
    let plan = try #require(job.plan.flatMap { Plan(column: $0) })
    switch moment {
    case .accepted, .filesHalfCopied, .queued, .runningWithoutFolder: break
    case .folderHalfMade:
      try FileManager.default.createDirectory(
        atPath: folder.runRoot + "/.new-17/checkpoints", withIntermediateDirectories: true)
    case .folderWithoutLaunch: _ = try folder.run(plan)
    case .launchWithoutWorker, .workerGone, .statusStale:
      let run = try folder.run(plan)
      if moment == .workerGone {
        try RunWriter(run, plan).status(.running, 0)
      } else if moment == .statusStale {
        try RunWriter(run, plan).status(.created, 0)
      }
      var change = JobChange()
      change.work = { $0.launch = WorkerLaunch(id: "gone", host: "here", boot: "then").column }
      try await shop.store.apply(change, to: "j")
    }
  }

  @Test func `a worker that outlives the service is followed by the next`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("j", [3: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
    }
    #expect(await shop.launcher.atWork == 1)
    // It works on while nobody looks.
    await shop.launcher.release()
    try await shop.until("the end") { await shop.launcher.atWork == 0 }
    #expect(try await shop.toldSteps("j") == [1, 2, 3])
    try await shop.withDesk { _ in
      let job = try await shop.job("j") { $0.status.isFinal }
      #expect(job.status == .succeeded && job.attempts == 1)
    }
    #expect(try await shop.toldSteps("j") == Array(1...10))
    #expect(await shop.launcher.started.count == 1)
  }

  @Test func `workers end in good order with the service where the settings say so`() async throws {
    let shop = try await Workshop()
    var settings = shop.settings
    settings.leavesWorkersRunning = false
    await shop.launcher.script("j", [3: .hold])
    try await shop.withDesk(settings) { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
    }
    #expect(await shop.launcher.atWork == 0)
    #expect(try await shop.store.job("j")?.status == .running)
    try await shop.withDesk { _ in
      let end = try await shop.job("j") { $0.status.isFinal }
      #expect(end.status == .succeeded)
    }
    #expect(try await shop.toldSteps("j") == Array(1...10))
    #expect(try await shop.store.work(of: "j")?.deaths == 0)
  }

  @Test func `a worker that takes the service down with it is not started for ever`() async throws {
    let shop = try await Workshop()
    var settings = shop.settings
    settings.retries = 2
    // The first makes a step, which is no reproach; the others do not.
    await shop.launcher.script("j", [1: .hold], [1: .hold], [1: .hold], [1: .hold])
    _ = try await JobDesk(shop.surroundings()).submit(shop.order("j"))
    for deaths in [0, 0, 1, 2] {
      try await shop.withDesk(settings) { _ in
        try await shop.until("its worker waits") {
          let (told, atWork) = (try await shop.toldSteps("j"), await shop.launcher.atWork)
          return told == [1] && atWork == 1
        }
        #expect(try await shop.store.work(of: "j")?.deaths == deaths)
      }
      await shop.launcher.loseWorkers()
    }
    try await shop.withDesk(settings) { _ in
      let job = try await shop.job("j") { $0.status.isFinal }
      #expect(job.status == .failed && job.errorCode == "worker_died" && job.attempts == 4)
      #expect(job.errorMessage?.hasSuffix("That was the last of 3 tries.") == true)
    }
  }

  @Test func `a job whose run is gone fails and says so`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("j", [3: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
    }
    await shop.launcher.loseWorkers()
    try FileManager.default.removeItem(atPath: JobFolder("j", under: shop.settings.folder).runRoot)
    try await shop.withDesk { _ in
      let job = try await shop.job("j") { $0.status.isFinal }
      #expect(job.status == .failed && job.errorCode == "storage_error")
      #expect(job.errorMessage?.contains("gone from the server's disk") == true)
    }
    #expect(await shop.launcher.started.count == 1)
  }

  @Test func `a wish that was heard before the service died is granted by the next`() async throws {
    for wish in [Job.Wish.pause, .cancel] {
      let shop = try await Workshop()
      await shop.launcher.script("j", [3: .hold])
      try await shop.withDesk { desk in
        _ = try await desk.submit(shop.order("j"))
        try await shop.until("step 3") { try await shop.toldSteps("j").count == 3 }
      }
      _ =
        wish == .pause
        ? try await JobDesk(shop.surroundings()).pause("j")
        : try await JobDesk(shop.surroundings()).cancel("j")
      #expect(try await shop.store.job("j")?.wish == wish)
      if wish == .cancel { await shop.launcher.loseWorkers() }
      try await shop.withDesk { _ in
        let job = try await shop.job("j") { $0.status != .running }
        #expect(job.status == (wish == .pause ? .paused : .cancelled))
      }
      #expect(await shop.launcher.started.count == 1)
    }
  }

  @Test func `two services do not work in one folder`() async throws {
    let shop = try await Workshop()
    try await shop.withDesk { desk in
      try await shop.until("the first runs") { await desk.isRunning }
      await #expect {
        try await JobDesk(shop.surroundings()).run()
      } throws: { error in
        (error as? JobFailure)?.kind == .unusable && "\(error)".contains("another service is at work in")
      }
    }
    // And after the first has ended, another may.
    try await shop.withDesk { desk in try await shop.until("the second runs") { await desk.isRunning } }
  }

  @Test(arguments: 0..<6)
  func `services and workers die at random, and every step is told once`(seed: UInt64) async throws {
    let shop = try await Workshop()
    var random = SeededNumbers(seed)
    var settings = shop.settings
    settings.workers = 2
    settings.retries = 1000
    let ids = ["a", "b", "c"]
    await shop.launcher.setStepTime(.milliseconds(3))
    for id in ids { _ = try await JobDesk(shop.surroundings()).submit(shop.order(id)) }
    var isDone = false
    for round in 0..<40 where !isDone {
      let rest = Duration.milliseconds(random.number(below: 60))
      isDone = try await shop.withDesk(settings) { _ in
        // The last round has all the time it needs.
        if round == 39 {
          for id in ids { try await shop.job(id) { $0.status.isFinal } }
        } else {
          try await Task.sleep(for: rest)
        }
        if random.number(below: 3) == 0 { await shop.launcher.kill(ids[random.number(below: 3)]) }
        if random.number(below: 3) == 0 { await shop.launcher.loseWorkers() }
        return try await shop.store.jobs(in: [.validatingFiles, .queued, .running]).isEmpty
      }
      if random.number(below: 4) == 0 { await shop.launcher.crashMachine() }
    }
    for id in ids {
      let job = try #require(try await shop.store.job(id))
      #expect(job.status == .succeeded, "\(job.errorMessage ?? "")")
      #expect(try await shop.toldSteps(id).sorted() == Array(1...10))
      #expect(try await shop.messages(id).count { $0 == "The job has successfully completed" } == 1)
      #expect(try await shop.store.checkpoints(of: id).map(\.step) == Array(1...10))
    }
    #expect(await shop.launcher.collisions == 0)
    #expect(try await shop.store.integrityProblems().isEmpty)
  }
}

/// Numbers that are the same in every run of a test.
struct SeededNumbers {
  private var state: UInt64
  init(_ seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 &+ 1 }

  mutating func number(below limit: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int((state >> 33) % UInt64(limit))
  }
}
