import BedrockShape
import Cluster
import Foundation
import Gateway
import GatewayTesting
import HTTPTypes
import Hummingbird
import Inference
import Jobs
import Logging
import NIOCore
import Records
import Store
import Synchronization

/// The Bedrock shape behind a server on a port of its own, with two projects whose requests must be signed.
final class TestService: Sendable {
  let folder = FileManager.default.temporaryDirectory.appending(path: "bedrock-\(UUID().uuidString)").path
  let store: Store
  let jobs: ScriptedJobs
  let answering: ScriptedAnswering
  let bedrock: Bedrock
  let mine: APIKey
  let theirs: APIKey
  let secrets = SigningSecret(master: [1, 2, 3])
  private let firstDay = UnixTime.now / 86_400

  static let catalogue = ModelCatalogue([
    .init(name: "tiny", source: "tiny", aliases: ["amazon.nova-2-lite-v1:0:256k", "friendly name"])
  ])

  init(
    answering script: @escaping ScriptedAnswering.Script,
    settings change: (inout BedrockSettings) -> Void = { _ in }
  ) async throws {
    try FileManager.default.createDirectory(atPath: folder + "/s3", withIntermediateDirectories: true)
    store = try Store(path: folder + "/store.sqlite")
    jobs = ScriptedJobs(store: store)
    answering = ScriptedAnswering(script)
    var settings = BedrockSettings(workFolder: folder + "/made", objects: .folder(folder + "/s3"))
    settings.lambdas = [
      "grade": .handler(path: "/graders/grade.py"),
      "arn:aws:lambda:us-east-1:111122223333:function:exact": .grader(["type": "string_check"]),
    ]
    change(&settings)
    bedrock = try Bedrock(
      store: store, jobs: jobs, answering: answering, catalogue: Self.catalogue, settings: settings)
    var keys: [APIKey] = []
    for name in ["mine", "theirs"] {
      let project = Project(name: name)
      try await store.insert(project)
      let (key, _) = APIKey.make(projectID: project.id, name: name, scopes: [.read, .write, .inference])
      try await store.insert(key)
      keys.append(key)
    }
    (mine, theirs) = (keys[0], keys[1])
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  /// Puts an object into the local buckets.
  func put(_ text: String, _ key: String) throws {
    let path = URL(filePath: "\(folder)/s3/\(key)")
    try FileManager.default.createDirectory(
      at: path.deletingLastPathComponent(), withIntermediateDirectories: true)
    try text.write(to: path, atomically: true, encoding: .utf8)
  }

  func text(_ key: String) throws -> String {
    try String(contentsOfFile: "\(folder)/s3/\(key)", encoding: .utf8)
  }

  /// What the first project has used since the test began, be there a midnight between or not.
  func usage() async throws -> (prompt: Int, completion: Int) {
    var sum = (prompt: 0, completion: 0)
    for day in firstDay...(UnixTime.now / 86_400) {
      guard let usage = try await store.usage(of: mine.projectID, day: day) else { continue }
      sum.prompt += usage.promptTokens
      sum.completion += usage.completionTokens
    }
    return sum
  }

  /// Endpoint, then key and secret of both projects: what every script is told first.
  func arguments(_ port: Int) -> [String] {
    ["http://127.0.0.1:\(port)"]
      + [mine, theirs].flatMap { [$0.accessKeyID, secrets.secret(of: $0.accessKeyID)] }
  }

  /// Runs the server while `body` runs.
  func serve<Value: Sendable>(_ body: @Sendable (Int) async throws -> Value) async throws -> Value {
    let router = Router(context: APIContext.self)
    bedrock.addRoutes(to: router)
    addControls(to: router)
    let gateway = Gateway(
      router: router, authenticator: Authenticator(store: store, mode: .keys, signing: secrets))
    return try await FreePort.serve(gateway, body)
  }

  /// What a script may do to the jobs behind the API.
  private func addControls(to router: Router<APIContext>) {
    router.post("/test/{job}/{status}") { [store, jobs, bedrock, logger = Logger(label: "test")] _, context in
      let caller = try context.caller(for: .write)
      let name = try context.parameters.require("job")
      let status = try context.parameters.require("status")
      guard let job = try await store.job(named: name, shape: .bedrock, projectID: caller.project.id) else {
        throw APIFailure(.missing, "no job \(name)")
      }
      if let status = Job.Status(rawValue: status) {
        try await jobs.move(job.id, to: status)
      } else if status == "tell" {
        for step in 1...4 {
          try await jobs.tell(
            job.id, step: step, of: 4, reward: Double(step) / 4, valid: step % 2 == 0 ? 0.75 : nil)
        }
      } else if status == "deliver" {
        await bedrock.drain(logger: logger)
      }
      return Response(status: .ok)
    }
  }
}
