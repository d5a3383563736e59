import Cluster
import Foundation
import Jobs
import Logging
import Records
import Store
import Synchronization

/// A store, a model and rows in a folder that goes with the object.
final class Workshop: Sendable {
  let folder: String
  let store: Store
  let blobs: Blobs
  let launcher = ScriptedLauncher()
  let catalogue: ModelCatalogue
  let disk = Disk()

  /// A disk as full as a test wants it.
  final class Disk: Sendable {
    let free = Mutex(Int.max)
  }

  init() async throws {
    let temporary = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    folder = temporary.appending(path: "operant-jobs-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder + "/model", withIntermediateDirectories: true)
    let config: JSONValue = [
      "num_hidden_layers": 2, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4,
      "vocab_size": 500, "max_position_embeddings": 512,
    ]
    try config.serialised().write(toFile: folder + "/model/config.json", atomically: true, encoding: .utf8)
    store = try Store(path: folder + "/store.sqlite")
    blobs = try Blobs(folder: folder + "/files")
    catalogue = ModelCatalogue([.init(name: "tiny", source: folder + "/model")])
    try Self.rows(10).write(toFile: folder + "/train.jsonl", atomically: true, encoding: .utf8)
    try Self.rows(4, topic: "wind").write(toFile: folder + "/valid.jsonl", atomically: true, encoding: .utf8)
    try await addProject("proj_1")
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  static func rows(_ count: Int, topic: String = "sea") -> String {
    (0..<count).map {
      #"{"messages": [{"role": "user", "content": "Say \#($0) things of the \#(topic)."}]}"# + "\n"
    }.joined()
  }

  func addProject(_ id: String, limit: Int? = nil) async throws {
    var project = Project(name: "name of \(id)")
    project.id = id
    project.maxRunningJobs = limit
    try await store.insert(project)
  }

  var settings: JobSettings {
    var settings = JobSettings(folder: folder + "/jobs")
    settings.interval = .milliseconds(5)
    settings.retryPause = .milliseconds(5)
    settings.memoryBudget = 8 << 30
    settings.answerLimit = .seconds(30)
    return settings
  }

  func surroundings(_ settings: JobSettings? = nil) -> JobSurroundings {
    var surroundings = JobSurroundings(
      store: store, blobs: blobs, catalogue: catalogue, launcher: launcher,
      settings: settings ?? self.settings, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
    surroundings.freeBytes = { [disk] _ in disk.free.withLock { $0 } }
    return surroundings
  }

  func order(_ id: String, project: String = "proj_1", epochs: Int? = 2) -> JobOrder {
    var order = JobOrder(
      id: id, projectID: project, shape: .openai, request: ["model": "tiny"], model: "tiny",
      trainingPath: folder + "/train.jsonl",
      grader: ["type": "regex", "name": "vowels", "pattern": "[aeiou]"])
    order.trainingFile = "file-train"
    order.validationPath = folder + "/valid.jsonl"
    order.validationFile = "file-valid"
    order.choices.epochs = epochs
    order.choices.batchSize = 2
    return order
  }

  /// Runs a desk beside the body, and ends it afterwards in good order.
  func withDesk<Value>(
    _ settings: JobSettings? = nil, _ body: (JobDesk) async throws -> Value
  ) async throws -> Value {
    let desk = JobDesk(surroundings(settings))
    let running = Task { try await desk.run() }
    do {
      let value = try await body(desk)
      running.cancel()
      try await running.value
      return value
    } catch {
      running.cancel()
      _ = try? await running.value
      throw error
    }
  }

  /// The job once a condition holds; throws at once for one that has ended and does not meet it.
  @discardableResult
  func job(_ id: String, until condition: (Job) -> Bool) async throws -> Job {
    let deadline = ContinuousClock.now + .seconds(1200)
    while true {
      guard let job = try await store.job(id) else { throw Missed("there is no job \(id)") }
      if condition(job) { return job }
      guard !job.status.isFinal, ContinuousClock.now < deadline else {
        throw Missed("\(id) is \(job.status), \(job.waitingFor ?? ""), \(job.errorMessage ?? "")")
      }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  func until(_ what: String, _ condition: () async throws -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(1200)
    while try await !condition() {
      guard ContinuousClock.now < deadline else { throw Missed(what) }
      try await Task.sleep(for: .milliseconds(5))
    }
  }

  /// All events, oldest first.
  func events(_ id: String) async throws -> [JobEvent] {
    try await store.events(of: id, PageRequest(limit: 10_000, ascending: true)).items
  }

  func messages(_ id: String) async throws -> [String] {
    try await events(id).filter { $0.kind == .message }.map(\.message)
  }

  /// The numbers of the steps that were told, in order of telling.
  func toldSteps(_ id: String) async throws -> [Int] {
    try await events(id).filter { $0.kind == .metrics }.compactMap { $0.data?.value["step"]?.integer }
  }
}

struct Missed: Error, CustomStringConvertible {
  let description: String
  init(_ description: String) { self.description = description }
}
