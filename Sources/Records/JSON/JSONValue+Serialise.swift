extension JSONValue {
  /// How a document is written.
  public enum Layout: Sendable {
    /// No spaces: one line of a JSONL file.
    case compact
    /// `", "` and `": "` between parts, as Python's `json.dumps` writes.
    case spaced
    /// One member a line, this many spaces a level.
    case indented(Int)
  }

  /// The JSON text of this value; characters outside ASCII are written as they are.
  ///
  /// A number that JSON has no word for (NaN, infinity) becomes null.
  public func serialised(_ layout: Layout = .compact) -> String {
    var text = ""
    write(to: &text, layout, level: 0)
    return text
  }

  private func write(to text: inout String, _ layout: Layout, level: Int) {
    switch self {
    case .null: text += "null"
    case .bool(let value): text += value ? "true" : "false"
    case .integer(let value): text += String(value)
    case .number(let value): text += value.isFinite ? "\(value)" : "null"
    case .string(let value): Self.write(value, to: &text)
    case .array(let elements):
      Self.write(count: elements.count, open: "[", close: "]", to: &text, layout, level: level) {
        elements[$1].write(to: &$0, layout, level: level + 1)
      }
    case .object(let object):
      let members = object.members
      Self.write(count: members.count, open: "{", close: "}", to: &text, layout, level: level) {
        Self.write(members[$1].key, to: &$0)
        if case .compact = layout { $0 += ":" } else { $0 += ": " }
        members[$1].value.write(to: &$0, layout, level: level + 1)
      }
    }
  }

  private static func write(
    count: Int, open: String, close: String, to text: inout String, _ layout: Layout, level: Int,
    element: (inout String, Int) -> Void
  ) {
    text += open
    for index in 0..<count {
      switch layout {
      case .compact: if index > 0 { text += "," }
      case .spaced: if index > 0 { text += ", " }
      case .indented(let width):
        text += (index > 0 ? ",\n" : "\n") + String(repeating: " ", count: width * (level + 1))
      }
      element(&text, index)
    }
    if case .indented(let width) = layout, count > 0 {
      text += "\n" + String(repeating: " ", count: width * level)
    }
    text += close
  }

  private static func write(_ string: String, to text: inout String) {
    text += "\""
    for scalar in string.unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case "\u{8}": text += "\\b"
      case "\u{C}": text += "\\f"
      case "\u{0}"..<"\u{20}":
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    text += "\""
  }
}
