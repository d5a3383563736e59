/// A JSON text that is not JSON: what was wrong and where.
public struct JSONSyntaxError: Error, Sendable, Hashable, CustomStringConvertible {
  /// What was found and what was expected.
  public let message: String
  /// Line of the text, from 1.
  public let line: Int
  /// Byte within the line, from 1.
  public let column: Int
  /// Place and message in one line.
  public var description: String { "line \(line), column \(column): \(message)" }
}

extension JSONValue {
  /// Reads one JSON document (RFC 8259), keeping key order. Depth is limited to 512.
  public init(parsing text: String) throws(JSONSyntaxError) {
    try self.init(parsing: Array(text.utf8))
  }

  /// Reads one JSON document from UTF-8 bytes.
  public init(parsing bytes: [UInt8]) throws(JSONSyntaxError) {
    var parser = JSONParser(bytes: bytes)
    self = try parser.document()
  }
}

private struct JSONParser {
  let bytes: [UInt8]
  var position = 0

  init(bytes: [UInt8]) { self.bytes = bytes }

  mutating func document() throws(JSONSyntaxError) -> JSONValue {
    skipSpace()
    let value = try self.value(depth: 0)
    skipSpace()
    if position < bytes.count { throw failure("expected the end of the document, found \(found)") }
    return value
  }

  private var found: String {
    guard position < bytes.count else { return "the end of the text" }
    let byte = bytes[position]
    return byte >= 0x20 && byte < 0x7F ? "'\(Character(UnicodeScalar(byte)))'" : "byte \(byte)"
  }

  private func failure(_ message: String, at place: Int? = nil) -> JSONSyntaxError {
    let end = min(place ?? position, bytes.count)
    var line = 1
    var start = 0
    for index in 0..<end where bytes[index] == 0x0A {
      line += 1
      start = index + 1
    }
    return JSONSyntaxError(message: message, line: line, column: end - start + 1)
  }

  private mutating func skipSpace() {
    while position < bytes.count {
      switch bytes[position] {
      case 0x20, 0x09, 0x0A, 0x0D: position += 1
      default: return
      }
    }
  }

  private mutating func value(depth: Int) throws(JSONSyntaxError) -> JSONValue {
    guard depth < 512 else { throw failure("nested deeper than 512 levels") }
    guard position < bytes.count else { throw failure("expected a value, found the end of the text") }
    switch bytes[position] {
    case UInt8(ascii: "{"): return .object(try object(depth: depth))
    case UInt8(ascii: "["): return .array(try array(depth: depth))
    case UInt8(ascii: "\""): return .string(try string())
    case UInt8(ascii: "t"): return try word("true", .bool(true))
    case UInt8(ascii: "f"): return try word("false", .bool(false))
    case UInt8(ascii: "n"): return try word("null", .null)
    case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
    default: throw failure("expected a value, found \(found)")
    }
  }

  private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONSyntaxError) -> JSONValue {
    let count = word.utf8CodeUnitCount
    let matches =
      position + count <= bytes.count
      && (0..<count).allSatisfy { bytes[position + $0] == word.utf8Start[$0] }
    guard matches else { throw failure("expected '\(word)', found \(found)") }
    position += count
    return value
  }

  private mutating func object(depth: Int) throws(JSONSyntaxError) -> JSONObject {
    position += 1
    var object = JSONObject()
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "}") {
      position += 1
      return object
    }
    while true {
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
        throw failure("expected a key in double quotes, found \(found)")
      }
      let key = try string()
      skipSpace()
      guard position < bytes.count, bytes[position] == UInt8(ascii: ":") else {
        throw failure("expected ':' after the key \"\(key)\", found \(found)")
      }
      position += 1
      skipSpace()
      object[key] = try value(depth: depth + 1)
      skipSpace()
      guard position < bytes.count else { throw failure("expected ',' or '}', found the end of the text") }
      let byte = bytes[position]
      guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "}") else {
        throw failure("expected ',' or '}', found \(found)")
      }
      position += 1
      if byte == UInt8(ascii: "}") { return object }
    }
  }

  private mutating func array(depth: Int) throws(JSONSyntaxError) -> [JSONValue] {
    position += 1
    var elements: [JSONValue] = []
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: "]") {
      position += 1
      return elements
    }
    while true {
      skipSpace()
      elements.append(try value(depth: depth + 1))
      skipSpace()
      guard position < bytes.count else { throw failure("expected ',' or ']', found the end of the text") }
      let byte = bytes[position]
      guard byte == UInt8(ascii: ",") || byte == UInt8(ascii: "]") else {
        throw failure("expected ',' or ']', found \(found)")
      }
      position += 1
      if byte == UInt8(ascii: "]") { return elements }
    }
  }

  private mutating func number() throws(JSONSyntaxError) -> JSONValue {
    let start = position
    var isInteger = true
    if bytes[position] == UInt8(ascii: "-") { position += 1 }
    let firstDigit = position
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "0")...UInt8(ascii: "9"): position += 1
      case UInt8(ascii: "."), UInt8(ascii: "e"), UInt8(ascii: "E"), UInt8(ascii: "+"), UInt8(ascii: "-"):
        isInteger = false
        position += 1
      default:
        return try number(start: start, firstDigit: firstDigit, isInteger: isInteger)
      }
    }
    return try number(start: start, firstDigit: firstDigit, isInteger: isInteger)
  }

  private func number(start: Int, firstDigit: Int, isInteger: Bool) throws(JSONSyntaxError) -> JSONValue {
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    let hasLeadingZero =
      position - firstDigit > 1 && bytes[firstDigit] == UInt8(ascii: "0")
      && bytes[firstDigit + 1] >= UInt8(ascii: "0") && bytes[firstDigit + 1] <= UInt8(ascii: "9")
    // A point stands between digits, as Swift's own reading of numbers does not ask.
    let hasBarePoint = (firstDigit..<position).contains { place in
      bytes[place] == UInt8(ascii: ".")
        && !(place > firstDigit && isDigit(place - 1) && place + 1 < position && isDigit(place + 1))
    }
    guard !hasLeadingZero, isDigit(position - 1), !hasBarePoint else {
      throw failure("'\(text)' is not a JSON number", at: start)
    }
    if isInteger, let integer = Int(text) { return .integer(integer) }
    guard let double = Double(text), double.isFinite else {
      throw failure("'\(text)' is not a JSON number", at: start)
    }
    return .number(double)
  }

  private func isDigit(_ place: Int) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(bytes[place])
  }

  private mutating func string() throws(JSONSyntaxError) -> String {
    let open = position
    position += 1
    var run = position
    var text = ""
    while position < bytes.count {
      switch bytes[position] {
      case UInt8(ascii: "\""):
        text += try decoded(run..<position)
        position += 1
        return text
      case UInt8(ascii: "\\"):
        text += try decoded(run..<position)
        text.unicodeScalars.append(try escape())
        run = position
      case 0..<0x20:
        throw failure("a control character (\(found)) must be escaped inside a string")
      default: position += 1
      }
    }
    throw failure("a string is not closed", at: open)
  }

  private func decoded(_ range: Range<Int>) throws(JSONSyntaxError) -> String {
    guard let text = String(validating: bytes[range], as: UTF8.self) else {
      throw failure("a string is not valid UTF-8", at: range.lowerBound)
    }
    return text
  }

  private mutating func escape() throws(JSONSyntaxError) -> UnicodeScalar {
    guard position + 1 < bytes.count else { throw failure("an escape is cut off") }
    let letter = bytes[position + 1]
    position += 2
    switch letter {
    case UInt8(ascii: "\""): return "\""
    case UInt8(ascii: "\\"): return "\\"
    case UInt8(ascii: "/"): return "/"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"):
      let high = try hex4()
      if let scalar = UnicodeScalar(high) { return scalar }
      // A surrogate: only a pair is a character; a lone one becomes U+FFFD, as Python's readers allow it.
      guard (0xD800..<0xDC00).contains(high), position + 1 < bytes.count,
        bytes[position] == UInt8(ascii: "\\"), bytes[position + 1] == UInt8(ascii: "u")
      else { return "\u{FFFD}" }
      let back = position
      position += 2
      let low = try hex4()
      guard (0xDC00..<0xE000).contains(low) else {
        position = back
        return "\u{FFFD}"
      }
      return UnicodeScalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00)) ?? "\u{FFFD}"
    default: throw failure("'\\\(Character(UnicodeScalar(letter)))' is not a JSON escape", at: position - 2)
    }
  }

  private mutating func hex4() throws(JSONSyntaxError) -> UInt32 {
    // The reading of integers would take a sign.
    guard position + 4 <= bytes.count, bytes[position] != UInt8(ascii: "+"),
      let value = UInt32(String(decoding: bytes[position..<position + 4], as: UTF8.self), radix: 16)
    else { throw failure("expected four hexadecimal digits after \\u") }
    position += 4
    return value
  }
}
