internal import Gateway
internal import Hummingbird
internal import Records
internal import Store

extension Bedrock {
  func addTagRoutes(to router: Router<APIContext>) {
    on(router, .post, "/tagResource", .write) { call in
      let reader = try await call.body()
      reader.rejectOthers(than: ["resourceARN", "tags"])
      let arn = reader.string("resourceARN", .resourceARN, required: true) ?? ""
      let tags = Tag.list(reader, "tags", required: true)
      try reader.problems.check()
      try await requireResource(arn, call)
      let isSet = try await store.set(
        tags.map { $0.row(arn, call.project.id) }, of: arn, projectID: call.project.id,
        limit: settings.limits.tagsPerResource)
      guard isSet else { throw Self.tooManyTags(settings.limits) }
      try await call.audit(store, "tags.set", arn)
      return .json([:])
    }
    on(router, .post, "/untagResource", .write) { call in
      let reader = try await call.body()
      reader.rejectOthers(than: ["resourceARN", "tagKeys"])
      let arn = reader.string("resourceARN", .resourceARN, required: true) ?? ""
      let keys = (reader.list("tagKeys", count: 0...200, required: true) ?? []).compactMap {
        WireReader.string($0.value, .tagKey, at: $0.path, reader.problems)
      }
      try reader.problems.check()
      try await requireResource(arn, call)
      try await store.removeTags(keys, of: arn, projectID: call.project.id)
      try await call.audit(store, "tags.remove", arn)
      return .json([:])
    }
    on(router, .post, "/listTagsForResource", .read) { call in
      let reader = try await call.body()
      reader.rejectOthers(than: ["resourceARN"])
      let arn = reader.string("resourceARN", .resourceARN, required: true) ?? ""
      try reader.problems.check()
      try await requireResource(arn, call)
      let tags = try await store.tags(of: arn, projectID: call.project.id)
      return .json([
        "tags": .array(tags.map { ["key": .string($0.key), "value": .string($0.value)] })
      ])
    }
  }

  /// Throws where more tags are wanted than a resource may have.
  static func check(_ tags: [Tag], _ limits: BedrockLimits) throws {
    if tags.count > limits.tagsPerResource { throw tooManyTags(limits) }
  }

  private static func tooManyTags(_ limits: BedrockLimits) -> APIFailure {
    APIFailure(
      .invalid, "a resource may have \(limits.tagsPerResource) tags; remove some first",
      code: "TooManyTagsException")
  }

  /// Throws where the project has nothing of that ARN that bears tags.
  private func requireResource(_ arn: String, _ call: Call) async throws {
    guard try await hasResource(arn, call) else {
      throw APIFailure(.missing, "there is no job, custom model or deployment '\(arn)'")
    }
  }

  private func hasResource(_ arn: String, _ call: Call) async throws -> Bool {
    let resource = ARN(arn)?.resource.split(separator: "/").map(String.init) ?? []
    switch resource.first {
    case "model-customization-job":
      let model = try await store.customModel(id: resource.last ?? "", projectID: call.project.id)
      return model?.jobARN == arn
    case "custom-model":
      let model = try await store.customModelEntry(arn, projectID: call.project.id)
      return model != nil
    case "custom-model-deployment":
      let deployment = try await store.deployment(arn, projectID: call.project.id)
      return deployment != nil
    default: return false
    }
  }
}
