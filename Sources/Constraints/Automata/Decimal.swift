import Records

/// A number as its decimal digits say it, exactly.
struct Decimal: Sendable, Hashable {
  var isNegative: Bool
  /// Digits before the point, without leading zeros but for a single one.
  var whole: [UInt8]
  /// Digits after the point, without trailing zeros.
  var fraction: [UInt8]

  static let zero = Decimal(isNegative: false, whole: [0], fraction: [])

  init(isNegative: Bool, whole: [UInt8], fraction: [UInt8]) {
    let digits = Array(whole.drop { $0 == 0 })
    self.whole = digits.isEmpty ? [0] : digits
    self.fraction = Array(fraction.reversed().drop { $0 == 0 }.reversed())
    self.isNegative = isNegative && !(self.whole == [0] && self.fraction.isEmpty)
  }

  /// What a JSON number says; of a fraction, the shortest digits that mean the same in binary.
  init?(_ value: JSONValue) {
    switch value {
    case .integer(let value): self.init(text: String(value))
    case .number(let value): self.init(text: "\(value)")
    default: return nil
    }
  }

  /// `-12.5`, `1e-07`.
  private init?(text: String) {
    let parts = text.lowercased().split(separator: "e", omittingEmptySubsequences: false)
    guard let mantissa = parts.first, parts.count <= 2,
      let exponent = parts.count == 2 ? Int(parts[1]) : 0, abs(exponent) <= 400
    else { return nil }
    let isNegative = mantissa.hasPrefix("-")
    let halves = (isNegative ? mantissa.dropFirst() : mantissa).split(
      separator: ".", omittingEmptySubsequences: false)
    guard halves.count <= 2 else { return nil }
    var digits: [UInt8] = []
    for byte in halves.joined().utf8 {
      guard (0x30...0x39).contains(byte) else { return nil }
      digits.append(byte - 0x30)
    }
    var point = halves[0].utf8.count + exponent
    if point < 0 {
      digits.insert(contentsOf: repeatElement(0, count: -point), at: 0)
      point = 0
    }
    if point > digits.count { digits += Array(repeating: 0, count: point - digits.count) }
    self.init(isNegative: isNegative, whole: Array(digits[..<point]), fraction: Array(digits[point...]))
  }

  var isZero: Bool { whole == [0] && fraction.isEmpty }
  var negated: Decimal { Decimal(isNegative: !isNegative, whole: whole, fraction: fraction) }
  var text: String {
    let digits = { (digits: [UInt8]) in digits.map(String.init).joined() }
    return (isNegative ? "-" : "") + digits(whole) + (fraction.isEmpty ? "" : "." + digits(fraction))
  }
}

extension Decimal: Comparable {
  static func < (a: Decimal, b: Decimal) -> Bool {
    if a.isNegative != b.isNegative { return a.isNegative }
    let (small, large) = a.isNegative ? (b, a) : (a, b)
    if small.whole.count != large.whole.count { return small.whole.count < large.whole.count }
    if small.whole != large.whole { return small.whole.lexicographicallyPrecedes(large.whole) }
    return small.fraction.lexicographicallyPrecedes(large.fraction)
  }
}
