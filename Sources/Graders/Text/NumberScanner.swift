/// Finds the numbers of a text, left to right, in one pass over its bytes.
///
/// Read: `42`, `-1.5e3`, `.5`, `1,234.5` (commas in threes; also `1{,}234`, `1\,234` and no-break or thin spaces),
/// `3/4`, `1 3/4`, `½`, `\frac{3}{4}`, `\frac34`, `2\frac12`, `1.5 \times 10^{3}`, each with a sign (also `−`, `–`)
/// and a currency sign before it and `%` or `\%` behind. A comma is never a decimal point: `1,5` is two numbers.
/// Digits that belong to a word (`B12`, `x_2`) are no number; a hyphen after a digit or a letter is no sign.
struct NumberScanner {
  private let bytes: [UInt8]
  private var position = 0

  init(_ text: String) { bytes = Array(text.utf8) }
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// All numbers of a text.
  static func numbers(in text: String) -> [WrittenNumber] { numbers(in: Array(text.utf8)) }

  static func numbers(in bytes: [UInt8]) -> [WrittenNumber] {
    var scanner = NumberScanner(bytes)
    var numbers: [WrittenNumber] = []
    while let number = scanner.next() { numbers.append(number) }
    return numbers
  }

  /// The next number, or nil at the end.
  mutating func next() -> WrittenNumber? {
    while position < bytes.count {
      let start = position
      if let number = number() { return number }
      if position == start { position += 1 }
    }
    return nil
  }

  // MARK: - The text around

  private func byte(_ index: Int) -> UInt8? { bytes.indices.contains(index) ? bytes[index] : nil }
  private func isDigit(_ index: Int) -> Bool { byte(index).map { $0 &- 0x30 < 10 } ?? false }
  private func isLetter(_ index: Int) -> Bool { byte(index).map { ($0 | 0x20) &- 0x61 < 26 } ?? false }

  private func stands(_ text: StaticString, at index: Int) -> Bool {
    let count = text.utf8CodeUnitCount
    guard index + count <= bytes.count else { return false }
    for offset in 0..<count where bytes[index + offset] != text.utf8Start[offset] { return false }
    return true
  }

  /// The length of the first of the texts that stands here; 0 when none does.
  private func length(ofAny texts: [StaticString], at index: Int) -> Int {
    texts.first { stands($0, at: index) }?.utf8CodeUnitCount ?? 0
  }

  /// Whether the byte before belongs to a word or a version (`1.2.3`), so that digits here are part of a name. The
  /// letters of a LaTeX command (`\cdot5`) are not a word.
  private func followsWord(_ index: Int) -> Bool {
    var before = index - 1
    if byte(before) == UInt8(ascii: "_") {
      return isLetter(before - 1) || isDigit(before - 1) || byte(before - 1) == UInt8(ascii: "}")
    }
    if byte(before) == UInt8(ascii: ".") { return isDigit(before - 1) }
    guard isLetter(before) else { return false }
    while isLetter(before) { before -= 1 }
    return byte(before) != UInt8(ascii: "\\")
  }

  // MARK: - A number with its signs

  private mutating func number() -> WrittenNumber? {
    let start = position
    var index = start
    var isNegative = false
    let minus = length(ofAny: ["-", "\u{2212}", "\u{2013}"], at: index)
    let sign = minus > 0 ? minus : length(ofAny: ["+"], at: index)
    if sign > 0 {
      guard !isDigit(index - 1), !isLetter(index - 1), byte(index - 1) != UInt8(ascii: ")"),
        byte(index - 1) != UInt8(ascii: "}")
      else { return nil }
      isNegative = minus > 0
      index += sign
    }
    index += length(ofAny: ["\\$", "$", "\u{20AC}", "\u{A3}", "\u{A5}"], at: index)
    if index > start, sign == 0, byte(index) == UInt8(ascii: "-"), isDigit(index + 1) {
      isNegative = true
      index += 1
    }
    guard let (magnitude, end) = magnitude(at: index, isFirst: index == start) else { return nil }
    index = end
    let blank = byte(index) == 0x20 ? 1 : length(ofAny: ["\u{A0}", "\u{202F}"], at: index)
    let percent = length(ofAny: ["%", "\\%"], at: index)
    let spacedPercent = blank > 0 ? length(ofAny: ["%", "\\%"], at: index + blank) : 0
    if percent > 0 { index += percent } else if spacedPercent > 0 { index += blank + spacedPercent }
    position = index
    let isPercent = percent + spacedPercent > 0
    let value = (isNegative ? -magnitude : magnitude) / (isPercent ? 100 : 1)
    guard value.isFinite else { return nil }
    return WrittenNumber(value: value, isPercent: isPercent, range: start..<index)
  }

  /// An unsigned value and where it ends: a fraction, a mixed number, a power of ten or a plain decimal.
  private mutating func magnitude(at index: Int, isFirst: Bool) -> (Double, Int)? {
    if stands("\\", at: index) { return frac(at: index) }
    if let (value, end) = vulgarFraction(at: index) { return (value, end) }
    guard !isFirst || !followsWord(index), let decimal = decimal(at: index) else { return skipWord(index) }
    let end = decimal.end
    if decimal.isWhole {
      if let (part, after) = vulgarFraction(at: end) { return (decimal.value + part, after) }
      if stands("\\", at: end), let (part, after) = frac(at: end) { return (decimal.value + part, after) }
      if byte(end) == 0x20, isDigit(end + 1), let (part, after) = slash(at: end + 1), part > 0, part < 1 {
        return (decimal.value + part, after)
      }
    }
    if byte(end) == UInt8(ascii: "/"), isDigit(end + 1) {
      if let (value, after) = slash(at: index) { return (value, after) }
      // 10/12/2024 or 3/0: the numerator stands for itself.
      return (decimal.value, end)
    }
    if let (power, after) = powerOfTen(at: end) { return (decimal.value * power, after) }
    return (decimal.value, end)
  }

  /// Digits inside a word are passed over in one go.
  private mutating func skipWord(_ index: Int) -> (Double, Int)? {
    guard isDigit(index) else { return nil }
    var end = index
    while isDigit(end) || (byte(end) == UInt8(ascii: ".") && isDigit(end + 1)) { end += 1 }
    position = max(position, end)
    return nil
  }

  /// `a/b`, no blanks, b not 0, not part of a date.
  private func slash(at index: Int) -> (Double, Int)? {
    guard let top = decimal(at: index), byte(top.end) == UInt8(ascii: "/"),
      let bottom = decimal(at: top.end + 1), isDigit(top.end + 1), bottom.value != 0,
      !(byte(bottom.end) == UInt8(ascii: "/") && isDigit(bottom.end + 1)),
      byte(index - 1) != UInt8(ascii: "/")
    else { return nil }
    return (top.value / bottom.value, bottom.end)
  }

  private static let vulgarFractions: [(StaticString, Double)] = [
    ("\u{BD}", 1.0 / 2), ("\u{BC}", 1.0 / 4), ("\u{BE}", 3.0 / 4), ("\u{2153}", 1.0 / 3),
    ("\u{2154}", 2.0 / 3), ("\u{2155}", 1.0 / 5), ("\u{2156}", 2.0 / 5), ("\u{2157}", 3.0 / 5),
    ("\u{2158}", 4.0 / 5), ("\u{2159}", 1.0 / 6), ("\u{215A}", 5.0 / 6), ("\u{215B}", 1.0 / 8),
    ("\u{215C}", 3.0 / 8), ("\u{215D}", 5.0 / 8), ("\u{215E}", 7.0 / 8),
  ]

  private func vulgarFraction(at index: Int) -> (Double, Int)? {
    guard let first = byte(index), first >= 0x80 else { return nil }
    guard let (text, value) = Self.vulgarFractions.first(where: { stands($0.0, at: index) }) else {
      return nil
    }
    return (value, index + text.utf8CodeUnitCount)
  }

  // MARK: - LaTeX

  /// `\frac{a}{b}`, also `\dfrac`, `\tfrac` and without braces around single digits. A fraction of anything but two
  /// numbers is passed over whole: the 2 of `\frac{x}{2}` is not an answer.
  private mutating func frac(at index: Int) -> (Double, Int)? {
    let command = length(ofAny: ["\\frac", "\\dfrac", "\\tfrac"], at: index)
    guard command > 0, let (top, middle) = argument(at: index + command),
      let (bottom, end) = argument(at: middle)
    else { return nil }
    guard let top, let bottom, bottom != 0 else {
      position = max(position, end)
      return nil
    }
    return (top / bottom, end)
  }

  /// One argument of a command: its value when it is a plain number, and where it ends.
  private func argument(at index: Int) -> (Double?, Int)? {
    if isDigit(index), let digit = byte(index) { return (Double(digit - 0x30), index + 1) }
    guard let (inside, end) = braces(at: index) else { return nil }
    return (Self.only(in: Array(bytes[inside])), end)
  }

  /// The inside of a pair of braces that opens here, and what follows it. Looks at no more than 128 bytes, which
  /// bounds the nesting as well: an answer of nothing but `\frac{` costs linear time.
  private func braces(at index: Int) -> (Range<Int>, Int)? {
    guard byte(index) == UInt8(ascii: "{") else { return nil }
    var depth = 0
    for end in index..<min(bytes.count, index + 128) {
      if bytes[end] == UInt8(ascii: "{") { depth += 1 }
      if bytes[end] == UInt8(ascii: "}") {
        depth -= 1
        if depth == 0 { return (index + 1..<end, end + 1) }
      }
    }
    return nil
  }

  /// The value of bytes that are one number from end to end.
  private static func only(in bytes: [UInt8]) -> Double? {
    let text = bytes.trimmingBlanks
    var scanner = NumberScanner(Array(text))
    guard let number = scanner.next(), number.range == 0..<text.count else { return nil }
    return number.value
  }

  // MARK: - Digits

  private struct Decimal {
    var value: Double
    var end: Int
    /// No point and no exponent.
    var isWhole: Bool
  }

  /// Digits with grouping, a decimal part and an exponent.
  private func decimal(at index: Int) -> Decimal? {
    var digits: [UInt8] = []
    var end = index
    while isDigit(end) {
      digits.append(bytes[end])
      end += 1
    }
    if (1...3).contains(digits.count), digits[0] != 0x30 {
      while let (group, after) = group(at: end) {
        digits += group
        end = after
      }
    }
    var isWhole = true
    if byte(end) == UInt8(ascii: "."), isDigit(end + 1), !(digits.isEmpty && isDigit(index - 1)) {
      isWhole = false
      if digits.isEmpty { digits.append(0x30) }
      digits.append(UInt8(ascii: "."))
      end += 1
      while isDigit(end) {
        digits.append(bytes[end])
        end += 1
      }
    }
    guard !digits.isEmpty else { return nil }
    if let mark = byte(end), mark | 0x20 == UInt8(ascii: "e") {
      let sign = byte(end + 1) == UInt8(ascii: "-") || byte(end + 1) == UInt8(ascii: "+") ? 1 : 0
      var after = end + 1 + sign
      if isDigit(after) {
        while isDigit(after) { after += 1 }
        if !isLetter(after) {
          digits += bytes[end..<after]
          end = after
          isWhole = false
        }
      }
    }
    guard let value = Double(String(decoding: digits, as: UTF8.self)) else { return nil }
    return Decimal(value: value, end: end, isWhole: isWhole)
  }

  /// A separator and exactly three digits.
  private func group(at index: Int) -> ([UInt8], Int)? {
    let separators: [StaticString] = [
      ",\\!", ",", "{,}", "\\,", "\u{A0}", "\u{202F}", "\u{2009}",
    ]
    let start = index + length(ofAny: separators, at: index)
    guard start > index, isDigit(start), isDigit(start + 1), isDigit(start + 2), !isDigit(start + 3) else {
      return nil
    }
    return (Array(bytes[start..<start + 3]), start + 3)
  }

  /// ` \times 10^{3}` and its plainer spellings, after the digits.
  private func powerOfTen(at index: Int) -> (Double, Int)? {
    var place = index
    while byte(place) == 0x20 { place += 1 }
    let times = length(ofAny: ["\\times", "\\cdot", "\u{D7}", "x", "*"], at: place)
    guard times > 0 else { return nil }
    place += times
    while byte(place) == 0x20 { place += 1 }
    guard stands("10^", at: place) else { return nil }
    place += 3
    if let (inside, end) = braces(at: place) {
      return Self.only(in: Array(bytes[inside])).flatMap(Int.init(exactly:)).flatMap { Self.power($0, end) }
    }
    let sign = byte(place) == UInt8(ascii: "-") ? 1 : 0
    var end = place + sign
    while isDigit(end) { end += 1 }
    guard end > place + sign, let exponent = Int(String(decoding: bytes[place..<end], as: UTF8.self)) else {
      return nil
    }
    return Self.power(exponent, end)
  }

  private static func power(_ exponent: Int, _ end: Int) -> (Double, Int)? {
    Double("1e\(exponent)").map { ($0, end) }
  }
}

extension BidirectionalCollection<UInt8> {
  var trimmingBlanks: SubSequence {
    guard let first = firstIndex(where: { $0 > 0x20 }), let last = lastIndex(where: { $0 > 0x20 }) else {
      return self[startIndex..<startIndex]
    }
    return self[first...last]
  }
}
