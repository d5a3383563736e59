import Records

extension LambdaTransport {
  /// Reads `function` (an endpoint) or `file` (a handler on this machine); nil when something was reported.
  init?(_ reader: DefinitionReader) {
    if reader.object["file"] != nil {
      if reader.object["function"] != nil {
        reader.error("file", "given beside 'function'; keep one of them")
      }
      guard let local = Self.local(reader) else { return nil }
      self = local
    } else {
      guard let endpoint = LambdaEndpoint(reader) else { return nil }
      self = .endpoint(endpoint)
    }
  }

  /// The handler file of a definition. Handlers are Python, which is run by the graders for Python.
  private static func local(_ reader: DefinitionReader) -> LambdaTransport? {
    reader.error(
      "file", "cannot be run by this build; start the handler in a runtime emulator and give 'function'")
    return nil
  }
}
