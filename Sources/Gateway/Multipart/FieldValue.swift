internal import Foundation

/// A header field's value with parameters, such as `form-data; name="file"; filename="rows.jsonl"`.
struct FieldValue: Sendable, Hashable {
  /// Before the first semicolon, in lower case.
  let value: String
  /// By name in lower case; the first of a name counts.
  let parameters: [String: String]

  /// nil when a quoted text is not closed, or something stands where a parameter should.
  init?(_ text: String) {
    var rest = Substring(text)
    value = Self.trimmed(rest.prefix { $0 != ";" }).lowercased()
    rest = rest.drop { $0 != ";" }
    var parameters: [String: String] = [:]
    while rest.first == ";" {
      rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
      if rest.isEmpty { break }
      let name = Self.trimmed(rest.prefix { $0 != "=" && $0 != ";" }).lowercased()
      rest = rest.drop { $0 != "=" && $0 != ";" }
      guard rest.first == "=", !name.isEmpty else { return nil }
      rest = rest.dropFirst().drop { $0 == " " || $0 == "\t" }
      let parameter: String
      if rest.first == "\"" {
        guard let quoted = Self.quoted(&rest) else { return nil }
        parameter = quoted
        rest = rest.drop { $0 == " " || $0 == "\t" }
        guard rest.isEmpty || rest.first == ";" else { return nil }
      } else {
        parameter = Self.trimmed(rest.prefix { $0 != ";" })
        rest = rest.drop { $0 != ";" }
      }
      if parameters[name] == nil { parameters[name] = parameter }
    }
    self.parameters = parameters
  }

  /// A quoted text, at whose first quote `rest` stands. A backslash takes the sense from a quote or a backslash, and
  /// is itself before anything else, because old clients send paths of Windows as they are.
  private static func quoted(_ rest: inout Substring) -> String? {
    var text = ""
    rest = rest.dropFirst()
    while let character = rest.popFirst() {
      switch character {
      case "\"": return text
      case "\\":
        guard let next = rest.first, next == "\"" || next == "\\" else {
          text.append("\\")
          continue
        }
        text.append(next)
        rest = rest.dropFirst()
      default: text.append(character)
      }
    }
    return nil
  }

  private static func trimmed(_ text: Substring) -> String {
    text.trimmingCharacters(in: CharacterSet(charactersIn: " \t"))
  }
}
