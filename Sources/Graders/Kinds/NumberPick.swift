/// Which of an answer's numbers is its result.
enum NumberPick: String, Sendable, CaseIterable {
  /// The last number of the text.
  case last
  /// The first number of the text.
  case first
  /// The only number of the text; an answer with several has no result.
  case only
  /// The first number behind the last marker, on the marker's line or, when that line ends with the marker, on the
  /// next line that is not blank.
  case after
  /// The only number inside the last `\boxed{}`, and not inside a root, a power or beside π.
  case boxed

  /// The number, or nil when the answer has none at this place.
  func pick(from text: String, marker: String) -> WrittenNumber? {
    switch self {
    case .last: return NumberScanner.numbers(in: text).last
    case .first:
      var scanner = NumberScanner(text)
      return scanner.next()
    case .only: return Self.only(in: Array(text.utf8))
    case .after:
      guard let line = Self.line(after: Array(marker.lowercased().utf8), in: Array(text.lowercased().utf8))
      else {
        return nil
      }
      var scanner = NumberScanner(line)
      return scanner.next()
    case .boxed:
      guard let inside = lastBoxed(in: Array(text.utf8)) else { return nil }
      let expression = String(decoding: inside, as: UTF8.self).replacing("^\\circ", with: "")
        .replacing("^{\\circ}", with: "")
      let isPlain = !["\\sqrt", "\\pi", "\u{3C0}", "\u{221A}"].contains(where: expression.utf8Contains)
      let numbers = NumberScanner.numbers(in: expression)
      // A power that was read as one number (1.5 \times 10^{3}) has nothing left to raise.
      let hasPower = expression.utf8Contains("^") && !expression.utf8Contains("10^")
      return numbers.count == 1 && isPlain && !hasPower ? numbers[0] : nil
    }
  }

  private static func only(in text: [UInt8]) -> WrittenNumber? {
    var scanner = NumberScanner(text)
    guard let number = scanner.next(), scanner.next() == nil else { return nil }
    return number
  }

  /// What follows the last marker on its line, or the next line that is not blank.
  private static func line(after marker: [UInt8], in text: [UInt8]) -> [UInt8]? {
    guard text.count >= marker.count else { return nil }
    let starts = stride(from: text.count - marker.count, through: 0, by: -1)
    guard let start = starts.first(where: { text[$0...].starts(with: marker) }) else { return nil }
    // Stars and blanks may close bold type around the marker: "**Answer:** 42".
    let rest = text[(start + marker.count)...].drop { $0 <= 0x20 || $0 == UInt8(ascii: "*") }
    return Array(rest.prefix { $0 != UInt8(ascii: "\n") })
  }
}
