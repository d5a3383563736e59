internal import Cluster
internal import Gateway
internal import Store

/// What a job begins with.
struct BaseModel: Sendable, Hashable {
  /// The foundation model's id, as it stands inside ARNs.
  var id: String
  /// As the client meant it: of the foundation model, or of a custom model to go on from.
  var arn: String
  var foundationARN: String
  /// As jobs know it.
  var policy: String
}

extension Bedrock {
  /// nil where nothing is known by that name, which is reported.
  func base(_ identifier: String, _ call: Call, _ problems: WireProblems) async throws -> BaseModel? {
    if let offer = models.offer(identifier) {
      let arn = call.scope.foundationModel(offer.id)
      return BaseModel(id: offer.id, arn: arn, foundationARN: arn, policy: offer.entry.name)
    }
    if let entry = try await store.customModelEntry(identifier, projectID: call.project.id),
      let policy = entry.job.tunedModel
    {
      let foundation = entry.model.foundationModelARN
      let id = foundation.split(separator: "/").last.map(String.init) ?? identifier
      return BaseModel(id: id, arn: entry.model.arn, foundationARN: foundation, policy: policy)
    }
    if !identifier.isEmpty {
      problems.add(
        identifier, at: "baseModelIdentifier",
        "there is no such model; there are \(models.offers.map(\.id).joined(separator: ", "))"
          + ", and this project's custom models")
    }
    return nil
  }
}
