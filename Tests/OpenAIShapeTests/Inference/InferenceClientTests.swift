import Inference
import Records
import Store
import Testing

/// The stock client asks models.
@Suite(.enabled(if: ClientScript.missing == nil, "\(ClientScript.missing ?? "")"))
struct InferenceClientTests {
  @Test func `the stock openai client asks models in every way it has`() async throws {
    let models = ScriptedModels()
    let service = try await InferenceService(models)
    try await service.serve { client in
      let seen = try await ClientScript.run(
        "openai_inference.py", [client.base, client.key], folder: service.folder)
      #expect(seen["done"] == true)
      let use = try #require(try await service.usage())
      #expect(use.requests > 20)
      #expect(use.completionTokens > 100)
      // The endless answer was called off, and what it took was counted.
      for _ in 0..<6000 where models.abandoned == 0 { try await Task.sleep(for: .milliseconds(5)) }
      #expect(models.abandoned == 1)
      #expect(
        models.policies.contains(
          PolicyReference(base: "tiny", adapter: .init(runFolder: "/run", step: 2))))
    }
  }
}
