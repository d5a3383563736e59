internal import Gateway
internal import Hummingbird
internal import Records
internal import Store

extension Bedrock {
  func addLoggingRoutes(to router: Router<APIContext>) {
    let path = "/logging/modelinvocations"
    on(router, .put, path, .write) { call in
      let reader = try await call.body()
      reader.rejectOthers(than: ["loggingConfig"])
      let config = reader.inside("loggingConfig", required: true)
      if let config { try await check(config, call) }
      try reader.problems.check()
      guard let config, let bucket = config.object["s3Config"]?["bucketName"]?.string else {
        throw APIFailure(.unexpected, "the request was not read whole")
      }
      try await objects.claim(S3Address(bucket: bucket, key: ""), call.project)
      try await store.setInvocationLogging(.object(config.object), projectID: call.project.id)
      await invocations.configurationChanged(call.project.id)
      try await call.audit(store, "logging.set", call.project.id)
      return .json([:])
    }
    on(router, .get, path, .read) { call in
      guard let configuration = try await store.invocationLogging(projectID: call.project.id) else {
        return .json([:])
      }
      return .json(["loggingConfig": configuration])
    }
    on(router, .delete, path, .write) { call in
      try await store.setInvocationLogging(nil, projectID: call.project.id)
      await invocations.configurationChanged(call.project.id)
      try await call.audit(store, "logging.delete", call.project.id)
      return .json([:])
    }
  }

  private func check(_ config: WireReader, _ call: Call) async throws {
    let switches = ["text", "image", "embedding", "video", "audio"].map { "\($0)DataDeliveryEnabled" }
    config.rejectOthers(than: ["cloudWatchConfig", "s3Config"] + switches)
    for key in switches { _ = config.bool(key) }
    if config.has("cloudWatchConfig") {
      config.problems.add(
        nil, at: config.place("cloudWatchConfig"), "there is no CloudWatch here; set s3Config")
    }
    guard let target = config.inside("s3Config", required: true) else { return }
    target.rejectOthers(than: ["bucketName", "keyPrefix"])
    _ = target.string("keyPrefix", .keyPrefix)
    if let bucket = target.string("bucketName", .bucket, required: true) {
      try await objects.check(S3Address(bucket: bucket, key: ""), call.project)
    }
  }
}
