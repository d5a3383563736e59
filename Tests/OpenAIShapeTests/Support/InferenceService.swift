import Cluster
import Foundation
import Gateway
import GatewayTesting
import Hummingbird
import Inference
import OpenAIShape
import Records
import Store

/// The routes that ask models, with two projects and somebody who answers.
struct InferenceService: Sendable {
  let folder: String
  let store: Store
  let project: Project
  let key: String
  let otherKey: String
  let answering: any Answering
  let catalogue: ModelCatalogue

  init(
    _ answering: any Answering,
    catalogue: ModelCatalogue = ModelCatalogue([
      .init(name: "tiny", source: "/nowhere", aliases: ["gpt-tiny"])
    ]),
    maxTokensPerDay: Int? = nil
  ) async throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "inference-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    store = try Store(path: folder + "/operant.sqlite")
    var project = Project(name: "mine")
    project.maxTokensPerDay = maxTokensPerDay
    let other = Project(name: "other")
    try await store.insert(project)
    try await store.insert(other)
    self.project = project
    let mine = APIKey.make(projectID: project.id, name: "test", scopes: Set(KeyScope.allCases))
    let others = APIKey.make(projectID: other.id, name: "test", scopes: [.inference])
    try await store.insert(mine.key)
    try await store.insert(others.key)
    key = mine.secret
    otherKey = others.secret
    try await store.insert(
      TunedModel(
        id: "ft:tiny:mine::abc:ckpt-step-2", projectID: project.id, base: "tiny", jobID: nil,
        runFolder: "/run",
        step: 2))
    self.answering = answering
    self.catalogue = catalogue
  }

  /// What the project's models have read and said today, or until midnight if that has just passed.
  func usage() async throws -> DailyUsage? {
    let today = UnixTime.now / 86_400
    if let use = try await store.usage(of: project.id, day: today) { return use }
    return try await store.usage(of: project.id, day: today - 1)
  }

  /// Serves on a free port while `body` runs.
  func serve(_ body: @Sendable (TestClient) async throws -> Void) async throws {
    let inference = OpenAIInference(store: store, answering: answering, catalogue: catalogue)
    let router = Router(context: APIContext.self)
    for prefix in ["/v1", "/openai/v1", "/openai"] { inference.addRoutes(to: router, prefix: prefix) }
    inference.addRootRoutes(to: router)
    let gateway = Gateway(
      router: router, authenticator: Authenticator(store: store, mode: .keys), openPaths: [])
    try await FreePort.serve(gateway) { try await body(TestClient(port: $0, key: key)) }
    try? FileManager.default.removeItem(atPath: folder)
  }
}
