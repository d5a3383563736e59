import Records

/// The headers that a definition asks for: `headers` in the open, `headers_env` and `api_key_env` by the names of
/// environment variables, so that no key stands in a plan.
struct RemoteHeaders: Sendable {
  static let keys = ["headers", "headers_env", "api_key_env"]
  /// As written. They may hold a key all the same, so messages do not show them either.
  let open: [String: String]
  /// Header to variable.
  private let variables: [(header: String, variable: String, prefix: String)]
  private let environment: [String: String]

  init(_ reader: DefinitionReader) {
    open = Self.texts(reader, "headers")
    var variables = Self.texts(reader, "headers_env").map { ($0.key, $0.value, "") }
    if let name = reader.string("api_key_env") { variables.append(("authorization", name, "Bearer ")) }
    self.variables = variables.sorted { $0.0 < $1.0 }
    environment = reader.surroundings.environment
  }

  /// Whether the definition says which key to send.
  var namesKey: Bool { !variables.isEmpty || open.keys.contains { $0.lowercased() == "authorization" } }

  /// A variable that is named and not set.
  struct Unset: Error { let variable: String }

  /// Everything that is looked up, by header.
  func secret() throws(Unset) -> [String: String] {
    var headers = open
    for (header, variable, prefix) in variables {
      guard let value = environment[variable], !value.isEmpty else { throw Unset(variable: variable) }
      headers[header] = prefix + value
    }
    return headers
  }

  private static func texts(_ reader: DefinitionReader, _ key: String) -> [String: String] {
    guard let value = reader.object[key], value != .null else { return [:] }
    guard let object = value.object else {
      reader.error(key, "expected a map from header names to texts, found \(value.kind)")
      return [:]
    }
    var texts: [String: String] = [:]
    let inside = reader.inside(object, path: reader.path(of: key))
    for name in object.keys {
      guard isToken(name) else {
        inside.error(name, "is not the name of a header; expected letters, digits and hyphens")
        continue
      }
      guard let text = inside.string(name) else { continue }
      guard text.unicodeScalars.allSatisfy({ $0.value >= 0x20 && $0.value != 0x7F }) else {
        inside.error(name, "holds a line break or another control character")
        continue
      }
      texts[name] = text
    }
    return texts
  }

  private static func isToken(_ name: String) -> Bool {
    !name.isEmpty
      && name.utf8.allSatisfy { byte in
        (0x61...0x7A).contains(byte | 0x20) || (0x30...0x39).contains(byte)
          || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
      }
  }
}
