/// What keeps a value from being printed or turned into JSON; the renderer adds the line.
struct TemplateValueError: Error {
  var message: String
}

extension TemplateValue {
  /// `str(value)`.
  func printed() throws(TemplateValueError) -> String {
    switch self {
    case .undefined: ""
    case .text(let text), .markup(let text): text
    default: try quoted()
    }
  }

  /// `repr(value)`.
  func quoted() throws(TemplateValueError) -> String {
    switch self {
    case .undefined: return "Undefined"
    case .none: return "None"
    case .boolean(let value): return value ? "True" : "False"
    case .integer(let value): return String(value)
    case .float(let value): return PythonText.float(value)
    case .text(let text): return PythonText.quoted(text)
    case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
      var parts: [String] = []
      for element in sequence.elements { parts.append(try element.quoted()) }
      let inside = parts.joined(separator: ", ")
      if sequence.kind == .list { return "[\(inside)]" }
      return parts.count == 1 ? "(\(inside),)" : "(\(inside))"
    case .dictionary(let dictionary):
      var parts: [String] = []
      for (key, value) in dictionary.members {
        parts.append(PythonText.quoted(key) + ": " + (try value.quoted()))
      }
      return "{" + parts.joined(separator: ", ") + "}"
    default: throw TemplateValueError(message: "printing \(kind) is not supported")
    }
  }

  /// How `tojson` writes.
  struct JSONStyle {
    var escapesNonASCII = false
    /// Spaces a level; nil for one line.
    var indent: Int?
    var itemSeparator = ", "
    var keySeparator = ": "
    var sortsKeys = false
  }

  /// `json.dumps(value)`, as Hugging Face's `tojson` calls it: no HTML escapes, keys in their order.
  func json(_ style: JSONStyle) throws(TemplateValueError) -> String {
    var output = ""
    try writeJSON(to: &output, style, level: 0)
    return output
  }

  private func writeJSON(
    to output: inout String, _ style: JSONStyle, level: Int
  ) throws(TemplateValueError) {
    switch self {
    case .none: output += "null"
    case .boolean(let value): output += value ? "true" : "false"
    case .integer(let value): output += String(value)
    case .float(let value):
      output +=
        value.isNaN
        ? "NaN" : value.isInfinite ? (value < 0 ? "-Infinity" : "Infinity") : PythonText.float(value)
    case .text(let text), .markup(let text): Self.writeJSON(text, to: &output, style)
    case .sequence(let sequence) where sequence.kind == .list || sequence.kind == .tuple:
      guard !sequence.elements.isEmpty else {
        output += "[]"
        return
      }
      output += "["
      for (place, element) in sequence.elements.enumerated() {
        Self.separate(&output, style, level: level + 1, isFirst: place == 0)
        try element.writeJSON(to: &output, style, level: level + 1)
      }
      Self.breakLine(&output, style, level: level)
      output += "]"
    case .dictionary(let dictionary):
      guard !dictionary.keys.isEmpty else {
        output += "{}"
        return
      }
      output += "{"
      var members = dictionary.members
      if style.sortsKeys { members.sort { PythonText.precedes($0.key, $1.key) } }
      for (place, member) in members.enumerated() {
        Self.separate(&output, style, level: level + 1, isFirst: place == 0)
        Self.writeJSON(member.key, to: &output, style)
        output += style.keySeparator
        try member.value.writeJSON(to: &output, style, level: level + 1)
      }
      Self.breakLine(&output, style, level: level)
      output += "}"
    default: throw TemplateValueError(message: "'tojson' cannot write \(kind)")
    }
  }

  private static func separate(_ output: inout String, _ style: JSONStyle, level: Int, isFirst: Bool) {
    if !isFirst { output += style.itemSeparator }
    breakLine(&output, style, level: level)
  }

  private static func breakLine(_ output: inout String, _ style: JSONStyle, level: Int) {
    if let indent = style.indent { output += "\n" + String(repeating: " ", count: max(0, indent) * level) }
  }

  private static func writeJSON(_ text: String, to output: inout String, _ style: JSONStyle) {
    output += "\""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": output += "\\\""
      case "\\": output += "\\\\"
      case "\n": output += "\\n"
      case "\r": output += "\\r"
      case "\t": output += "\\t"
      case "\u{8}": output += "\\b"
      case "\u{C}": output += "\\f"
      case "\u{0}"..<" ": output += "\\u" + PythonText.hex(scalar.value, digits: 4)
      case "\u{7F}"... where style.escapesNonASCII:
        if scalar == "\u{7F}" {
          output.unicodeScalars.append(scalar)
        } else {
          for unit in UTF16.encode(scalar)! { output += "\\u" + PythonText.hex(UInt32(unit), digits: 4) }
        }
      default: output.unicodeScalars.append(scalar)
      }
    }
    output += "\""
  }
}
