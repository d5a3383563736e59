import Cluster
import Foundation
import Gateway
import GatewayTesting
import Graders
import HTTPTypes
import Hummingbird
import OpenAIShape
import Records
import Store

/// A service with two projects in a folder of its own, and the routes under all their prefixes.
struct JobsService: Sendable {
  let folder: String
  let store: Store
  let blobs: Blobs
  let desk: ScriptedDesk
  let project: Project
  /// May do everything in `project`.
  let key: String
  /// May only look.
  let readKey: String
  let other: Project
  let otherKey: String
  let endless = EndlessRoute()
  var settings = OpenAIJobs.Settings()
  var hosting = GraderHosting(trialSeconds: 60) { _ in GraderSurroundings(isolation: .unsafe) }

  init(maxStorageBytes: Int? = nil) async throws {
    folder = FileManager.default.temporaryDirectory.appending(path: "openai-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    store = try Store(path: folder + "/operant.sqlite")
    blobs = try Blobs(folder: folder + "/files")
    desk = ScriptedDesk(store: store, blobs: blobs)
    var project = Project(name: "mine")
    project.maxStorageBytes = maxStorageBytes
    let other = Project(name: "other")
    try await store.insert(project)
    try await store.insert(other)
    self.project = project
    self.other = other
    key = try await Self.key(store, project, Set(KeyScope.allCases))
    readKey = try await Self.key(store, project, [.read])
    otherKey = try await Self.key(store, other, Set(KeyScope.allCases))
  }

  private static func key(_ store: Store, _ project: Project, _ scopes: Set<KeyScope>) async throws -> String
  {
    let made = APIKey.make(projectID: project.id, name: "test", scopes: scopes)
    try await store.insert(made.key)
    return made.secret
  }

  /// Serves on a free port while `body` runs.
  func serve(_ body: @Sendable (TestClient) async throws -> Void) async throws {
    let jobs = OpenAIJobs(
      store: store, blobs: blobs, jobs: desk, answering: SilentModels(),
      catalogue: ModelCatalogue([.init(name: "tiny", source: "/nowhere", aliases: ["gpt-tiny"])]),
      graders: hosting, settings: settings)
    let router = Router(context: APIContext.self)
    for prefix in ["/v1", "/openai/v1", "/openai"] { jobs.addRoutes(to: router, prefix: prefix) }
    router.post("/test/advance/:id") { [desk] _, context in
      try await desk.advance(context.parameters.require("id"))
      return HTTPResponse.Status.noContent
    }
    endless.add(to: router)
    let gateway = Gateway(
      router: router, authenticator: Authenticator(store: store, mode: .keys), openPaths: [])
    try await FreePort.serve(gateway) { try await body(TestClient(port: $0, key: key)) }
    try? FileManager.default.removeItem(atPath: folder)
  }

  /// A file of rows in the project, as if it had been sent.
  func file(
    rows: String = #"{"messages":[{"role":"user","content":"2+2?"}],"answer":"4"}"#,
    purpose: String = "fine-tune", expiresAt: UnixTime? = nil
  ) async throws -> StoredFile {
    let path = blobs.incomingPath()
    try rows.write(toFile: path, atomically: false, encoding: .utf8)
    let file = StoredFile(
      projectID: project.id, filename: "rows.jsonl", bytes: rows.utf8.count, purpose: purpose,
      sha256: Digest.hex(Digest.sha256(Array(rows.utf8))), expiresAt: expiresAt)
    try blobs.adopt(path, as: file.id)
    try await store.insert(file)
    return file
  }
}
