/// Checks JSON byte by byte, and says where in it the last byte stands.
///
/// Strict but for control characters inside of strings, which models write.
struct JSONWalker: Sendable {
  enum Progress: Sendable, Hashable { case going, whole, broken }

  private enum Place: Sendable, Hashable {
    case value, firstElement, firstKey, key, colon, afterValue
    case string(isKey: Bool)
    case escape(isKey: Bool)
    case hex(left: Int, isKey: Bool)
    case minus, zero, digits, point, fraction, exponent, exponentSign, exponentDigits
    case literal(left: [UInt8])
    case end
  }

  private var place = Place.value
  private var open: [UInt8] = []
  private static let deepest = 200

  /// How many objects and lists are open.
  var depth: Int { open.count }
  /// Whether the next byte, unless it is white space, begins a value.
  var expectsValue: Bool { place == .value || place == .firstElement }
  var hasEndedValue: Bool { place == .afterValue || place == .end }
  var isInNumber: Bool {
    switch place {
    case .minus, .zero, .digits, .point, .fraction, .exponent, .exponentSign, .exponentDigits: true
    default: false
    }
  }
  var isInKey: Bool {
    switch place {
    case .string(let isKey), .escape(let isKey), .hex(_, let isKey): isKey
    default: false
    }
  }
  /// Inside of quotes, an escape sequence excepted.
  var isInString: Bool { if case .string = place { true } else { false } }

  mutating func take(_ byte: UInt8) -> Progress {
    switch place {
    case .string(let isKey):
      if byte == UInt8(ascii: "\\") {
        place = .escape(isKey: isKey)
      } else if byte == UInt8(ascii: "\"") {
        place = isKey ? .colon : .afterValue
      }
      return .going
    case .escape(let isKey):
      if byte == UInt8(ascii: "u") {
        place = .hex(left: 4, isKey: isKey)
        return .going
      }
      guard "\"\\/bfnrt".utf8.contains(byte) else { return .broken }
      place = .string(isKey: isKey)
      return .going
    case .hex(let left, let isKey):
      guard byte.isHexDigit else { return .broken }
      place = left == 1 ? .string(isKey: isKey) : .hex(left: left - 1, isKey: isKey)
      return .going
    case .literal(let left):
      guard byte == left.first else { return .broken }
      place = left.count == 1 ? .afterValue : .literal(left: Array(left.dropFirst()))
      return .going
    case .minus, .zero, .digits, .point, .fraction, .exponent, .exponentSign, .exponentDigits:
      return takeInNumber(byte)
    case .value, .firstElement, .firstKey, .key, .colon, .afterValue, .end:
      return byte.isJSONSpace ? .going : takeBetween(byte)
    }
  }

  private mutating func takeBetween(_ byte: UInt8) -> Progress {
    switch (place, byte) {
    case (.firstElement, UInt8(ascii: "]")), (.firstKey, UInt8(ascii: "}")): return close(byte)
    case (.value, _), (.firstElement, _): return beginValue(byte)
    case (.firstKey, UInt8(ascii: "\"")), (.key, UInt8(ascii: "\"")): place = .string(isKey: true)
    case (.colon, UInt8(ascii: ":")): place = .value
    case (.afterValue, UInt8(ascii: ",")) where !open.isEmpty:
      place = open.last == UInt8(ascii: "{") ? .key : .value
    case (.afterValue, UInt8(ascii: "}")), (.afterValue, UInt8(ascii: "]")): return close(byte)
    default: return .broken
    }
    return .going
  }

  private mutating func beginValue(_ byte: UInt8) -> Progress {
    switch byte {
    case UInt8(ascii: "{"), UInt8(ascii: "["):
      guard open.count < Self.deepest else { return .broken }
      open.append(byte)
      place = byte == UInt8(ascii: "{") ? .firstKey : .firstElement
    case UInt8(ascii: "\""): place = .string(isKey: false)
    case UInt8(ascii: "-"): place = .minus
    case UInt8(ascii: "0"): place = .zero
    case UInt8(ascii: "1")...UInt8(ascii: "9"): place = .digits
    case UInt8(ascii: "t"): place = .literal(left: Array("rue".utf8))
    case UInt8(ascii: "f"): place = .literal(left: Array("alse".utf8))
    case UInt8(ascii: "n"): place = .literal(left: Array("ull".utf8))
    default: return .broken
    }
    return .going
  }

  private mutating func close(_ byte: UInt8) -> Progress {
    guard let opening = open.popLast(),
      (opening == UInt8(ascii: "{")) == (byte == UInt8(ascii: "}"))
    else { return .broken }
    place = open.isEmpty ? .end : .afterValue
    return open.isEmpty ? .whole : .going
  }

  private mutating func takeInNumber(_ byte: UInt8) -> Progress {
    let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    let isE = byte == UInt8(ascii: "e") || byte == UInt8(ascii: "E")
    switch place {
    case .minus where isDigit: place = byte == UInt8(ascii: "0") ? .zero : .digits
    case .digits where isDigit, .fraction where isDigit, .exponentDigits where isDigit: break
    case .zero where byte == UInt8(ascii: "."), .digits where byte == UInt8(ascii: "."): place = .point
    case .point where isDigit: place = .fraction
    case .zero where isE, .digits where isE, .fraction where isE: place = .exponent
    case .exponent where byte == UInt8(ascii: "+") || byte == UInt8(ascii: "-"): place = .exponentSign
    case .exponent where isDigit, .exponentSign where isDigit: place = .exponentDigits
    case .zero, .digits, .fraction, .exponentDigits:
      place = .afterValue
      return byte.isJSONSpace ? .going : takeBetween(byte)
    default: return .broken
    }
    return .going
  }
}

extension UInt8 {
  var isHexDigit: Bool {
    switch self {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
      UInt8(ascii: "A")...UInt8(ascii: "F"):
      true
    default: false
    }
  }
}
