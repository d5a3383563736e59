import Cluster
import Inference
import Store

/// The models that a project may ask or tune: bases of the catalogue, its tuned models, and checkpoints that it was
/// given leave for.
struct ServedModels: Sendable {
  enum Policy: Sendable {
    case base(ModelCatalogue.Entry)
    case tuned(TunedModel)
  }

  let store: Store
  let catalogue: ModelCatalogue
  let answering: any Answering

  var baseNames: [String] { catalogue.entries.map(\.name) }

  /// nil for a name that is none to this project.
  func find(_ name: String, for project: Project) async throws(StoreError) -> Policy? {
    if let entry = catalogue.entry(name) { return .base(entry) }
    return try await store.model(name, projectID: project.id).map(Policy.tuned)
  }

  /// The longest sequence of a base; nil when its files cannot say.
  func contextLength(of base: String) async -> Int? { try? await answering.contextLength(of: base) }
}
