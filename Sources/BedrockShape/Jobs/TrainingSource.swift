internal import Records

/// Where a job's rows come from: a file of rows, or what was asked of models before.
enum TrainingSource: Sendable, Hashable {
  case rows(S3Address)
  case logs(InvocationSource)

  /// Reads `trainingDataConfig`; nil where something was reported.
  init?(_ reader: WireReader) {
    switch reader.one(of: ["s3Uri", "invocationLogsConfig"]) {
    case "s3Uri":
      guard let address = reader.string("s3Uri", .s3URI).flatMap(S3Address.init) else { return nil }
      self = .rows(address)
    case "invocationLogsConfig":
      guard let source = reader.inside("invocationLogsConfig").flatMap(InvocationSource.init) else {
        return nil
      }
      self = .logs(source)
    default: return nil
    }
  }
}

/// Which invocation logs become rows, and how.
struct InvocationSource: Sendable, Hashable {
  var address: S3Address
  /// Whether the answer that was given becomes the row's reference.
  var usesResponse: Bool
  var filter: MetadataFilter?

  /// Reads `invocationLogsConfig`; nil where something was reported.
  init?(_ reader: WireReader) {
    reader.rejectOthers(than: ["usePromptResponse", "invocationLogSource", "requestMetadataFilters"])
    usesResponse = reader.bool("usePromptResponse") ?? false
    if let filters = reader.inside("requestMetadataFilters") {
      guard let filter = MetadataFilter(filters) else { return nil }
      self.filter = filter
    }
    guard let source = reader.inside("invocationLogSource", required: true),
      source.one(of: ["s3Uri"]) != nil,
      let address = source.string("s3Uri", .s3URI).flatMap(S3Address.init)
    else { return nil }
    self.address = address
  }
}
