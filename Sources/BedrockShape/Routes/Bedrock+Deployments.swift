internal import Gateway
internal import Hummingbird
internal import Records
internal import Store

extension Bedrock {
  static let deployments = "/model-customization/custom-model-deployments"

  func addDeploymentRoutes(to router: Router<APIContext>) {
    on(router, .post, Self.deployments, .write, createDeployment)
    on(router, .get, Self.deployments, .read, listDeployments)
    on(router, .get, Self.deployments, name: "customModelDeploymentIdentifier", segments: 1...2, .read) {
      call in
      .json(DeploymentView(deployment: try await deployment(call)).details)
    }
    on(
      router, .patch, Self.deployments, name: "customModelDeploymentIdentifier", segments: 1...2, .write,
      updateDeployment)
    on(router, .delete, Self.deployments, name: "customModelDeploymentIdentifier", segments: 1...2, .write) {
      call in
      let deployment = try await deployment(call)
      _ = try await store.deleteDeployment(deployment)
      try await call.audit(store, "deployment.delete", deployment.arn)
      return .json([:])
    }
  }

  private func deployment(_ call: Call) async throws -> ModelDeployment {
    guard let deployment = try await store.deployment(call.identifier, projectID: call.project.id) else {
      throw APIFailure(.missing, "there is no deployment '\(call.identifier)'")
    }
    return deployment
  }

  /// Throws where there is no such model.
  private func deployable(_ arn: String, _ call: Call) async throws -> CustomModelEntry {
    guard let entry = try await store.customModelEntry(arn, projectID: call.project.id) else {
      throw APIFailure(.missing, "there is no custom model '\(arn)'")
    }
    return entry
  }

  @Sendable private func createDeployment(_ call: Call) async throws -> Response {
    let reader = try await call.body()
    reader.rejectOthers(than: [
      "modelDeploymentName", "modelArn", "description", "tags", "clientRequestToken",
    ])
    let name = reader.string("modelDeploymentName", .modelName, required: true)
    let arn = reader.string("modelArn", .customModelARN, required: true)
    let description = reader.string("description", .description)
    let text = reader.string("clientRequestToken", .token)
    let tags = Tag.list(reader, "tags")
    try reader.problems.check()
    try Self.check(tags, settings.limits)
    guard let name, let arn else { throw APIFailure(.unexpected, "the request was not read whole") }
    let entry = try await deployable(arn, call)
    let id = Identifier.lower()
    let deployment = ModelDeployment(
      id: id, projectID: call.project.id, arn: call.scope.deployment(id), name: name,
      modelARN: entry.model.arn, description: description)
    var body = reader.object
    body["clientRequestToken"] = nil
    let token = text.map {
      RequestToken(
        projectID: call.project.id, operation: "CreateCustomModelDeployment", token: $0,
        fingerprint: Digest.hex(
          Digest.sha256(Array(JSONValue.object(body).canonical.serialised().utf8))), subject: deployment.arn)
    }
    if case .repeated(let subject) = try await store.insert(deployment, token: token) {
      return Self.accepted(subject)
    }
    _ = try await store.set(
      tags.map { $0.row(deployment.arn, call.project.id) }, of: deployment.arn, projectID: call.project.id,
      limit: settings.limits.tagsPerResource)
    try await call.audit(store, "deployment.create", deployment.arn)
    return Self.accepted(deployment.arn)
  }

  private static func accepted(_ arn: String) -> Response {
    .json(["customModelDeploymentArn": .string(arn)], status: .accepted)
  }

  @Sendable private func updateDeployment(_ call: Call) async throws -> Response {
    let reader = try await call.body()
    reader.rejectOthers(than: ["modelArn"])
    let arn = reader.string("modelArn", .customModelARN, required: true)
    try reader.problems.check()
    var deployment = try await deployment(call)
    deployment.modelARN = try await deployable(arn ?? "", call).model.arn
    deployment.updatedAt = .now
    deployment.isUpdated = true
    try await store.update(deployment)
    try await call.audit(store, "deployment.update", deployment.arn)
    return Self.accepted(deployment.arn)
  }

  @Sendable private func listDeployments(_ call: Call) async throws -> Response {
    let query = call.query
    query.rejectOthers(
      than: ["createdAfter", "createdBefore", "nameContains", "statusEquals", "modelArnEquals"]
        + WireQuery.pageKeys)
    let filter = query.filter(name: .modelName, after: "createdAfter", before: "createdBefore")
    let status = query.choice("statusEquals", DeploymentView.Status.self)
    let model = query.string("modelArnEquals", .customModelARN)
    let page = query.page(of: "deployments")
    try query.problems.check()
    if status != nil && status != .active { return .json(["modelDeploymentSummaries": []]) }
    let found = try await store.deployments(
      projectID: call.project.id, filter: filter, modelARN: model, page)
    let summaries = found.items.map { DeploymentView(deployment: $0).summary }
    return Self.list("modelDeploymentSummaries", summaries, found, "deployments") { $0.id }
  }
}
