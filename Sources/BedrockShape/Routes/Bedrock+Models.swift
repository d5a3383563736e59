internal import Gateway
internal import Hummingbird
internal import Records
internal import Store

extension Bedrock {
  func addModelRoutes(to router: Router<APIContext>) {
    on(router, .get, "/custom-models", .read, listModels)
    on(router, .post, "/custom-models/create-custom-model", .write, importModel)
    on(router, .get, "/custom-models", name: "modelIdentifier", segments: 1...3, .read) { call in
      let entry = try await model(call)
      return .json(
        ModelView(entry: entry, figures: try await JobFigures.last(of: entry.job, store)).details)
    }
    on(router, .delete, "/custom-models", name: "modelIdentifier", segments: 1...3, .write, deleteModel)
  }

  private func model(_ call: Call) async throws -> CustomModelEntry {
    guard let entry = try await store.customModelEntry(call.identifier, projectID: call.project.id) else {
      throw APIFailure(.missing, "there is no custom model '\(call.identifier)'")
    }
    return entry
  }

  private enum ModelStatus: String, CaseIterable {
    case active = "Active"
    case creating = "Creating"
    case failed = "Failed"
  }

  @Sendable private func listModels(_ call: Call) async throws -> Response {
    let query = call.query
    query.rejectOthers(
      than: [
        "creationTimeAfter", "creationTimeBefore", "nameContains", "baseModelArnEquals",
        "foundationModelArnEquals", "isOwned", "modelStatus",
      ] + WireQuery.pageKeys)
    let filter = query.filter(name: .modelName)
    let base = query.string("baseModelArnEquals", .modelIdentifier)
    let foundation = query.string("foundationModelArnEquals", .modelIdentifier)
    let isOwned = query.bool("isOwned")
    let status = query.choice("modelStatus", ModelStatus.self)
    let page = query.page(of: "models")
    try query.problems.check()
    // All models of a project are its own, and those that can be seen are active.
    if isOwned == false || (status != nil && status != .active) { return .json(["modelSummaries": []]) }
    let found = try await store.customModelEntries(
      projectID: call.project.id, filter: filter, base: base, foundation: foundation, page)
    let summaries = found.items.map { ModelView(entry: $0).summary(account: settings.account) }
    return Self.list("modelSummaries", summaries, found, "models") { $0.model.id }
  }

  @Sendable private func deleteModel(_ call: Call) async throws -> Response {
    let entry = try await model(call)
    let page = try await store.deployments(
      projectID: call.project.id, filter: ListFilter(), modelARN: entry.model.arn, PageRequest(limit: 1))
    if let deployment = page.items.first {
      throw APIFailure(
        .conflict, "the deployment '\(deployment.name)' serves this model; delete or update it first")
    }
    _ = try await store.deleteCustomModel(entry.model)
    try await call.audit(store, "model.delete", entry.model.arn)
    return .json([:])
  }

  /// The request is checked, so that what is wrong with it is heard of, and then refused.
  @Sendable private func importModel(_ call: Call) async throws -> Response {
    let reader = try await call.body()
    reader.rejectOthers(than: [
      "modelName", "modelSourceConfig", "modelKmsKeyArn", "roleArn", "modelTags", "clientRequestToken",
    ])
    _ = reader.string("modelName", .modelName, required: true)
    _ = reader.string("modelKmsKeyArn", .kmsKey)
    _ = reader.string("roleArn", .roleARN)
    _ = reader.string("clientRequestToken", .token)
    _ = Tag.list(reader, "modelTags")
    if let source = reader.inside("modelSourceConfig", required: true),
      source.one(of: ["s3DataSource"]) != nil
    {
      _ = source.inside("s3DataSource")?.string("s3Uri", .s3URI, required: true)
    }
    reader.problems.add(
      nil, at: "modelSourceConfig",
      "this service serves its own jobs' adapters and the models of its catalogue; weights are not imported from S3: "
        + "add the model's folder to the catalogue in the service's settings")
    try reader.problems.check()
    return .json([:])
  }
}
