import Checkpoints
import Cluster
import Foundation
import Jobs
import Logging
import OperantTesting
import Records
import Store
import Testing

/// Jobs with `operant-worker` itself and a tiny model.
@Suite(
  .enabled(if: RealShop.missing == nil, "\(RealShop.missing ?? "")"), .serialized, .timeLimit(.minutes(30)))
struct RealWorkerTests {
  @Test func `a job learns, and is paused, killed and handed over on the way`() async throws {
    let shop = try await RealShop()
    let once = try await shop.succeed("once") { _ in }
    #expect(once.attempts == 1)
    let rewards = try await shop.rewards("once")
    #expect(rewards.count == RealShop.steps)
    #expect(rewards.suffix(5).reduce(0, +) > rewards.prefix(5).reduce(0, +), "\(rewards)")

    let often = try await shop.succeed("often") { desk in
      try await shop.steps("often", atLeast: 3)
      _ = try await desk.pause("often")
      try await shop.job("often") { $0.status == .paused }
      let point = try #require(try await shop.store.checkpoints(of: "often").last)
      #expect(try shop.run("often").checkpoints.checkpoint(step: point.step).step == point.step)
      _ = try await desk.resume("often")
      try await shop.steps("often", atLeast: point.step + 2)
      let process = try await shop.process(of: "often")
      kill(process.pid, SIGKILL)
      try await shop.steps("often", atLeast: point.step + 4)
    }
    #expect(often.attempts == 3)
    #expect(try await shop.rewards("often") == rewards, "whatever happens on the way, the run is the same")
    let messages = try await shop.messages("often")
    #expect(
      messages.contains { $0.hasPrefix("The worker died of SIGKILL; the system may have run out of memory") },
      "\(messages)")
    #expect(try await shop.store.integrityProblems().isEmpty)
  }

  @Test func `a worker goes on while services come and go`() async throws {
    let shop = try await RealShop()
    let desk = JobDesk(shop.surroundings)
    let first = Task { try await desk.run() }
    _ = try await desk.submit(shop.order("job"))
    try await shop.steps("job", atLeast: 2)
    let process = try await shop.process(of: "job")
    first.cancel()
    try await first.value
    #expect(process.isAlive)
    let second = JobDesk(shop.surroundings)
    let running = Task { try await second.run() }
    let job = try await shop.job("job") { $0.status.isFinal }
    #expect(job.status == .succeeded && job.attempts == 1, "\(job.errorMessage ?? "")")
    #expect(try await shop.rewards("job").count == RealShop.steps)
    running.cancel()
    try await running.value
  }

  @Test func `a job goes on from what another has made`() async throws {
    let shop = try await RealShop()
    let first = try await shop.succeed(shop.order("first", steps: 6)) { _ in }
    let tuned = try #require(first.tunedModel)
    var order = shop.order("second", steps: 3)
    order.model = tuned
    // The shape of the adapter is the first one's, whoever asks for it.
    order.choices.overrides["training.lora.rank"] = nil
    order.choices.overrides["training.lora.alpha"] = nil
    let second = try await shop.succeed(order) { _ in }
    #expect(second.model == tuned)
    #expect(second.tunedModel == "ft:tiny:lab::second", "named after the base, as a first one is")
    let model = try #require(try await shop.store.model("ft:tiny:lab::second", projectID: "proj_1"))
    #expect(model.base == "tiny")
    #expect(try shop.run("second").plan().training.lora.rank == 4)
    #expect(try shop.run("second").startingCheckpoint().step == 6)

    // Another rank cannot be had, and what is not there cannot be gone on from.
    order.id = "third"
    order.choices.overrides["training.lora.rank"] = "8"
    let desk = JobDesk(shop.surroundings)
    let running = Task { try await desk.run() }
    _ = try await desk.submit(order)
    let third = try await shop.job("third") { $0.status == .failed }
    #expect(third.errorCode == "invalid_hyperparameters", "\(third.errorMessage ?? "")")
    order.model = "ft:tiny:lab::none"
    await #expect(throws: JobFailure.self) { _ = try await desk.submit(order) }
    order.model = tuned
    order.projectID = "proj_2"
    await #expect(throws: JobFailure.self) { _ = try await desk.submit(order) }
    running.cancel()
    try await running.value
  }

  @Test func `cancelling ends the worker and keeps its checkpoints`() async throws {
    let shop = try await RealShop()
    let desk = JobDesk(shop.surroundings)
    let running = Task { try await desk.run() }
    // More steps than anyone waits for: it ends because it is cancelled.
    _ = try await desk.submit(shop.order("job", steps: 100_000))
    try await shop.steps("job", atLeast: 3)
    let process = try await shop.process(of: "job")
    let job = try await desk.cancel("job")
    #expect(job.status == .cancelled && !process.isAlive)
    let points = try await shop.store.checkpoints(of: "job")
    #expect(!points.isEmpty)
    for point in points {
      #expect(try shop.run("job").checkpoints.checkpoint(step: point.step).step == point.step)
    }
    running.cancel()
    try await running.value
  }
}

/// A service's surroundings with the real worker.
final class RealShop: Sendable {
  /// Enough that a run outlasts what is done to it, also where this process has to wait: a step takes some 50 ms.
  static let steps = 150
  private static let model = Result { try ParityFixture("tiny_model.py").folder.appending(path: "model") }
  private static let worker = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "operant-worker").path

  static let missing: String? =
    ParityFixture.missing
    ?? (FileManager.default.isExecutableFile(atPath: worker) ? nil : "operant-worker is not built")

  let folder: String
  let store: Store
  let surroundings: JobSurroundings

  init() async throws {
    folder =
      FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
      .appending(path: "operant-real-jobs-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    try Workshop.rows(24).write(toFile: folder + "/train.jsonl", atomically: true, encoding: .utf8)
    try Workshop.rows(6, topic: "wind").write(
      toFile: folder + "/valid.jsonl", atomically: true, encoding: .utf8)
    store = try Store(path: folder + "/store.sqlite")
    var project = Project(name: "lab")
    project.id = "proj_1"
    try await store.insert(project)
    var settings = JobSettings(folder: folder + "/jobs")
    settings.interval = .milliseconds(10)
    settings.retryPause = .milliseconds(10)
    settings.answerLimit = .seconds(60)
    surroundings = JobSurroundings(
      store: store, blobs: try Blobs(folder: folder + "/files"),
      catalogue: ModelCatalogue([.init(name: "tiny", source: try Self.model.get().path, device: .cpu)]),
      launcher: LocalLauncher(executable: Self.worker), settings: settings,
      logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func order(_ id: String, steps: Int = RealShop.steps) -> JobOrder {
    var order = JobOrder(
      id: id, projectID: "proj_1", shape: .openai, request: .null, model: "tiny",
      trainingPath: folder + "/train.jsonl",
      grader: ["type": "regex", "name": "vowels", "pattern": "[aeiou].*[aeiou]"])
    order.validationPath = folder + "/valid.jsonl"
    order.seed = 11
    order.choices.batchSize = 4
    order.choices.samplesPerPrompt = 8
    order.choices.maxTokens = 12
    order.choices.evalInterval = 5
    order.choices.learningRate = 0.02
    order.choices.epochs = 4
    order.choices.overrides = [
      "training.steps": "\(steps)", "training.lora.rank": "4", "training.lora.alpha": "8",
      "defence.drift": "off",
    ]
    return order
  }

  /// A job to its good end, with what happens on the way.
  func succeed(_ id: String, _ events: (JobDesk) async throws -> Void) async throws -> Job {
    try await succeed(order(id), events)
  }

  func succeed(_ order: JobOrder, _ events: (JobDesk) async throws -> Void) async throws -> Job {
    let id = order.id
    let desk = JobDesk(surroundings)
    let running = Task { try await desk.run() }
    _ = try await desk.submit(order)
    try await events(desk)
    let job = try await job(id) { $0.status.isFinal }
    running.cancel()
    try await running.value
    guard job.status == .succeeded else { throw Missed("\(id): \(job.errorMessage ?? "")") }
    return job
  }

  @discardableResult
  func job(_ id: String, until condition: (Job) -> Bool) async throws -> Job {
    let deadline = ContinuousClock.now + .seconds(900)
    while true {
      guard let job = try await store.job(id) else { throw Missed("there is no job \(id)") }
      if condition(job) { return job }
      // What has ended will not change.
      guard ContinuousClock.now < deadline, !job.status.isFinal else {
        throw Missed("\(id) is \(job.status), \(job.waitingFor ?? ""), \(job.errorMessage ?? "")")
      }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  func steps(_ id: String, atLeast count: Int) async throws {
    while try await rewards(id).count < count {
      try await job(id) { !$0.status.isFinal }
      try await Task.sleep(for: .milliseconds(20))
    }
  }

  func rewards(_ id: String) async throws -> [Double] {
    let page = try await store.events(of: id, PageRequest(limit: 10_000, ascending: true))
    return page.items.filter { $0.kind == .metrics }.compactMap {
      $0.data?.value["train_mean_reward"]?.double
    }
  }

  func messages(_ id: String) async throws -> [String] {
    try await store.events(of: id, PageRequest(limit: 10_000, ascending: true)).items.map(\.message)
  }

  func run(_ id: String) throws -> RunFolder {
    let root = folder + "/jobs/\(id)/run"
    let name = try FileManager.default.contentsOfDirectory(atPath: root).first { !$0.hasPrefix(".") }
    return try RunFolder(opening: root + "/" + (name ?? ""))
  }

  func process(of id: String) async throws -> ProcessIdentity {
    let launch = try await store.work(of: id)?.launch?.value
    guard let pid = launch?["process"]?["pid"]?.integer, let process = ProcessIdentity(pid: Int32(pid)) else {
      throw Missed("\(id) has no worker")
    }
    return process
  }
}
