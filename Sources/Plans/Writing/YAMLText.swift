import Records

/// Writes JSON values as YAML that reads back as the same values.
enum YAMLText {
  /// Lines of `key: value`, with what hangs below indented by two.
  static func member(_ key: String, _ value: JSONValue, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    let head = margin + scalar(key) + ":"
    switch value {
    case .object(let object) where !object.isEmpty:
      return head + "\n" + object.members.map { member($0.key, $0.value, indent: indent + 2) }.joined()
    case .array(let elements) where elements.contains { isNested($0) }:
      return head + "\n" + elements.map { element($0, indent: indent + 2) }.joined()
    case .string(let text):
      if let block = block(text, indent: indent + 2) { return head + " " + block }
      return head + " " + scalar(text) + "\n"
    default:
      return head + " " + inline(value) + "\n"
    }
  }

  private static func element(_ value: JSONValue, indent: Int) -> String {
    let margin = String(repeating: " ", count: indent)
    guard case .object(let object) = value, !object.isEmpty else {
      return margin + "- " + inline(value) + "\n"
    }
    let members = object.members.map { member($0.key, $0.value, indent: indent + 2) }.joined()
    return margin + "- " + members.dropFirst(indent + 2)
  }

  private static func isNested(_ value: JSONValue) -> Bool {
    if let object = value.object { return !object.isEmpty }
    return value.array.map { !$0.isEmpty } ?? false
  }

  /// A value on one line, in YAML's flow style, which JSON is a part of.
  private static func inline(_ value: JSONValue) -> String {
    switch value {
    case .string(let text): scalar(text)
    case .number(let number): plain(number)
    case .array(let elements): "[" + elements.map { flow($0) }.joined(separator: ", ") + "]"
    default: value.serialised(.spaced)
    }
  }

  private static func flow(_ value: JSONValue) -> String {
    if case .string(let text) = value { return scalar(text) }
    return value.serialised(.spaced)
  }

  /// `0.0001` rather than `1e-04`, and `1` rather than `1.0`.
  static func plain(_ number: Double) -> String {
    if let whole = Int(exactly: number), abs(whole) < 1_000_000 { return "\(whole)" }
    let text = "\(number)"
    guard let mark = text.firstIndex(of: "e"), let exponent = Int(text[text.index(after: mark)...]),
      (-6...(-1)).contains(exponent)
    else { return text }
    let mantissa = text[..<mark]
    let sign = mantissa.hasPrefix("-") ? "-" : ""
    let digits = mantissa.filter(\.isNumber)
    let trimmed = digits.hasSuffix("0") && mantissa.hasSuffix(".0") ? digits.dropLast() : digits[...]
    return sign + "0." + String(repeating: "0", count: -exponent - 1) + trimmed
  }

  /// A text plain when nothing in it could be read as YAML, else in double quotes.
  static func scalar(_ text: String) -> String {
    let isWord = text.utf8.allSatisfy { byte in
      (0x30...0x39).contains(byte) || (0x41...0x5A).contains(byte) || (0x61...0x7A).contains(byte)
        || [0x5F, 0x2D, 0x2E, 0x2F].contains(byte)
    }
    let startsSafely = text.utf8.first.map {
      (0x41...0x5A).contains($0) || (0x61...0x7A).contains($0) || $0 == 0x2F || $0 == 0x5F
    }
    let isReserved = [
      "null", "true", "false", "yes", "no", "on", "y", "n",
    ].contains(text.lowercased())
    return isWord && startsSafely == true && !isReserved
      ? text : JSONValue.string(text).serialised()
  }

  /// A text of several lines as a literal block, when a block can hold it.
  private static func block(_ text: String, indent: Int) -> String? {
    guard text.contains("\n"), let first = text.unicodeScalars.first, first != " ", first != "\n",
      text.unicodeScalars.allSatisfy({ $0 == "\n" || $0.value >= 0x20 && $0.value < 0x7F || $0.value > 0xA0 }
      ),
      !text.unicodeScalars.contains(where: { [0x2028, 0x2029, 0xFEFF].contains($0.value) })
    else { return nil }
    var body = text[...]
    let chomp: String
    if body.hasSuffix("\n") {
      body = body.dropLast()
      chomp = "|"
    } else {
      chomp = "|-"
    }
    guard !body.hasSuffix("\n") else { return nil }
    let lines = body.split(separator: "\n", omittingEmptySubsequences: false)
    // A line of spaces alone would be taken for an empty one.
    guard lines.allSatisfy({ $0.isEmpty || $0.contains { $0 != " " } }) else { return nil }
    let margin = String(repeating: " ", count: indent)
    return chomp + "\n" + lines.map { $0.isEmpty ? "\n" : margin + $0 + "\n" }.joined()
  }
}
