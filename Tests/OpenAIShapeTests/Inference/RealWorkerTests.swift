import Cluster
import Foundation
import Inference
import OperantTesting
import Records
import Testing

/// The worker that was built beside the tests.
enum BuiltWorker {
  static let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent().appending(path: "operant-worker").path
  /// Why nothing can be asked of it here, or nil.
  static let missing: String? =
    ClientScript.missing
    ?? (FileManager.default.isExecutableFile(atPath: path) ? nil : "operant-worker is not built")
}

/// The whole way: client, routes, pool, worker, model.
@Suite(
  .enabled(if: BuiltWorker.missing == nil, "\(BuiltWorker.missing ?? "")"), .timeLimit(.minutes(30)))
struct RealWorkerTests {
  @Test func `the stock openai client gets what it asked for from a real worker`() async throws {
    let model = try Self.model()
    defer { try? FileManager.default.removeItem(atPath: model) }
    let catalogue = ModelCatalogue([
      .init(name: "tiny", source: model, dtype: .float32, device: .cpu)
    ])
    var settings = InferenceSettings(modelBytes: 1 << 30)
    settings.cacheBytes = 1 << 26
    settings.maxRows = 8
    let pool = InferencePool(
      catalogue: catalogue, settings: settings,
      launcher: ProcessLauncher(executable: BuiltWorker.path, environment: ["OMP_WAIT_POLICY": "PASSIVE"]))
    let service = try await InferenceService(pool, catalogue: catalogue)
    try await service.serve { client in
      let seen = try await ClientScript.run(
        "openai_worker.py", [client.base, client.key], folder: service.folder)
      #expect(seen["done"] == true)
      // What the requests left behind: nothing that runs.
      #expect(await pool.loadedModels == ["tiny"])
    }
    await pool.shutDown()
  }

  /// A random model with room for a description of tools in letters.
  private static func model() throws -> String {
    let fixture = try ParityFixture("tiny_model.py").folder.appending(path: "model")
    let copy = FileManager.default.temporaryDirectory.appending(path: "tiny-\(UUID().uuidString)")
    try FileManager.default.copyItem(at: fixture, to: copy)
    let config = copy.appending(path: "config.json")
    let text = try String(contentsOf: config, encoding: .utf8)
    try text.replacing("\"max_position_embeddings\": 256", with: "\"max_position_embeddings\": 1024").write(
      to: config, atomically: true, encoding: .utf8)
    return copy.path
  }
}
