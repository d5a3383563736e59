internal import Cluster
internal import Gateway
internal import Inference
internal import Store

extension Bedrock {
  /// The policy that a `modelId` stands for: a foundation model by id, ARN, name or alias; a deployment by ARN, name or
  /// id; a custom model by ARN or name; a tuned model or checkpoint by its own name.
  func policy(_ identifier: String, _ call: Call) async throws -> PolicyReference {
    if let offer = models.offer(identifier) { return PolicyReference(base: offer.entry.name) }
    let projectID = call.project.id
    if let deployment = try await store.deployment(identifier, projectID: projectID) {
      guard let entry = try await store.customModelEntry(deployment.modelARN, projectID: projectID),
        let model = try await tuned(entry.job.tunedModel, projectID)
      else {
        throw APIFailure(.missing, "the model behind the deployment '\(deployment.name)' is gone; update it")
      }
      return Self.policy(model)
    }
    if let entry = try await store.customModelEntry(identifier, projectID: projectID),
      let model = try await tuned(entry.job.tunedModel, projectID)
    {
      return Self.policy(model)
    }
    if let model = try await store.model(identifier, projectID: projectID) { return Self.policy(model) }
    throw APIFailure(
      .missing,
      "there is no model '\(identifier)'; there are \(models.offers.map(\.id).joined(separator: ", ")), and this "
        + "project's custom models and deployments")
  }

  private func tuned(_ id: String?, _ projectID: String) async throws -> TunedModel? {
    guard let id else { return nil }
    return try await store.model(id, projectID: projectID)
  }

  private static func policy(_ model: TunedModel) -> PolicyReference {
    PolicyReference(base: model.base, adapter: .init(runFolder: model.runFolder, step: model.step))
  }
}
