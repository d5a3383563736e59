/// When what a program printed is what it should have printed.
enum OutputComparison: String, CaseIterable, Sendable {
  /// The same lines, without regard to blanks at their ends and empty lines at the end.
  case lines
  /// The same words, without regard to the white space between.
  case tokens
  /// The same bytes.
  case exact

  func agrees(_ printed: String, _ expected: String) -> Bool {
    switch self {
    case .exact: Array(printed.utf8) == Array(expected.utf8)
    case .lines: Self.lines(printed) == Self.lines(expected)
    case .tokens: Self.tokens(printed) == Self.tokens(expected)
    }
  }

  /// UTF-8, as two spellings of a letter are different output.
  private static func lines(_ text: String) -> [[UInt8]] {
    var lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false).map { line in
      var line = Array(line)
      while let last = line.last, last == 0x20 || last == 0x09 || last == 0x0D { line.removeLast() }
      return line
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    return lines
  }

  private static func tokens(_ text: String) -> [[UInt8]] {
    text.utf8.split { $0 <= 0x20 }.map(Array.init)
  }
}
