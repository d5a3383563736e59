import Records

extension LambdaTransport {
  /// Reads `function` (an endpoint) or `file` (a handler on this machine); nil when something was reported.
  init?(_ reader: DefinitionReader) {
    if reader.object["file"] != nil {
      guard let handler = LambdaHandlerFile(reader) else { return nil }
      self = .file(handler)
    } else {
      guard let endpoint = LambdaEndpoint(reader) else { return nil }
      self = .endpoint(endpoint)
    }
  }
}
