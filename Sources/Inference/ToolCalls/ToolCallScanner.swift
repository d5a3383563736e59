import Records

/// Reads one call as a JSON object with a name and arguments, and passes the arguments on while they are written.
///
/// Until the name is known and the arguments have begun nothing is said, so that what turns out to be no call can still
/// be text.
struct ToolCallScanner: Sendable {
  private enum Member { case name, arguments, other }

  private var walker = JSONWalker()
  /// Names that a call may have; nil for any.
  private let names: Set<String>?
  private var name: String?
  private var key: [UInt8] = []
  private var member: Member?
  private var value: [UInt8] = []
  /// Arguments that came before the name.
  private var early: String?
  /// Whether the value that is open goes out as it comes.
  private var isPassing = false
  /// All bytes until the call has begun.
  private(set) var raw: [UInt8] = []
  private(set) var hasBegun = false
  private var arguments: [UInt8] = []

  init(names: Set<String>?) { self.names = names }

  /// Takes a byte of the object; `.broken` before the call has begun means that it was no call.
  mutating func take(_ byte: UInt8, _ pieces: inout [ToolCallParser.Piece]) -> JSONWalker.Progress {
    if !hasBegun { raw.append(byte) }
    let before = walker
    let progress = walker.take(byte)
    guard progress != .broken else { return .broken }
    if before.depth == 0, !byte.isJSONSpace, byte != UInt8(ascii: "{") { return .broken }

    if before.depth == 1 {
      if before.isInNumber, !walker.isInNumber, member != nil, !endValue(&pieces) { return .broken }
      if !before.isInKey, walker.isInKey {
        key = [byte]
      } else if before.isInKey {
        key.append(byte)
      } else if before.expectsValue, !byte.isJSONSpace, !beginValue(byte, &pieces) {
        return .broken
      }
    }
    if member != nil {
      pass(byte, inString: before.isInString && walker.isInString)
      if walker.depth == 1, walker.hasEndedValue, !walker.isInNumber, !endValue(&pieces) { return .broken }
    }
    if progress == .whole, !finish(&pieces) { return .broken }
    return progress
  }

  /// Says what was passed on since the last time.
  mutating func flush(_ pieces: inout [ToolCallParser.Piece]) {
    guard hasBegun, !arguments.isEmpty else { return }
    pieces.append(.arguments(String(decoding: arguments, as: UTF8.self)))
    arguments = []
  }

  /// Takes arguments that are no JSON any more.
  mutating func takeLoosely(_ bytes: some Sequence<UInt8>) { arguments += bytes }

  private mutating func beginValue(_ byte: UInt8, _ pieces: inout [ToolCallParser.Piece]) -> Bool {
    let text = (try? JSONValue(parsing: key))?.string
    value = []
    member =
      switch text {
      case "name": .name
      case "arguments", "parameters": .arguments
      default: .other
      }
    isPassing = false
    // An object by itself is an answer like any other, unless it looks like a call from its first member on.
    if names != nil, member == .other, text != "type", text != "id" { return false }
    if member == .arguments, hasBegun || early != nil { return false }
    if member == .arguments, byte == UInt8(ascii: "{"), let name {
      begin(name, &pieces)
      isPassing = true
    }
    return true
  }

  /// Control characters inside of strings go out as JSON wants them.
  private mutating func pass(_ byte: UInt8, inString: Bool) {
    var bytes = [byte]
    if inString, byte < 0x20 {
      bytes = Array(("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)).utf8)
    }
    if isPassing {
      arguments += bytes
    } else if member != .other {
      value += bytes
    }
  }

  private mutating func endValue(_ pieces: inout [ToolCallParser.Piece]) -> Bool {
    defer {
      member = nil
      value = []
    }
    switch member {
    case .name:
      guard name == nil, let text = (try? JSONValue(parsing: value))?.string, !text.isEmpty,
        names?.contains(text) != false
      else { return false }
      name = text
      if let early {
        begin(text, &pieces)
        arguments += early.utf8
      }
    case .arguments where !isPassing:
      guard let text = Self.object(value) else { return false }
      early = text
      if let name {
        begin(name, &pieces)
        arguments += text.utf8
      }
    case .arguments, .other, nil: break
    }
    isPassing = false
    return true
  }

  /// Arguments as an object's text: some models write them as text inside of text, or null for none.
  private static func object(_ value: [UInt8]) -> String? {
    switch try? JSONValue(parsing: value) {
    case .object: String(decoding: value, as: UTF8.self)
    case .null: "{}"
    case .string(let text): (try? JSONValue(parsing: text))?.object == nil ? nil : text
    default: nil
    }
  }

  private mutating func begin(_ name: String, _ pieces: inout [ToolCallParser.Piece]) {
    hasBegun = true
    raw = []
    pieces.append(.began(name: name))
  }

  private mutating func finish(_ pieces: inout [ToolCallParser.Piece]) -> Bool {
    if hasBegun { return true }
    guard let name else { return false }
    begin(name, &pieces)
    arguments += "{}".utf8
    return true
  }
}
