/// Columns that a text takes on a terminal, and cutting to fit.
enum TextWidth {
  static func of(_ text: String) -> Int { text.unicodeScalars.reduce(0) { $0 + of($1) } }

  private static func of(_ scalar: Unicode.Scalar) -> Int {
    let value = scalar.value
    if value < 0x300 { return 1 }
    switch scalar.properties.generalCategory {
    case .nonspacingMark, .enclosingMark, .format: return 0
    default: break
    }
    let wide: [ClosedRange<UInt32>] = [
      0x1100...0x115F, 0x2E80...0xA4CF, 0xAC00...0xD7A3, 0xF900...0xFAFF, 0xFE30...0xFE6F, 0xFF00...0xFF60,
      0xFFE0...0xFFE6, 0x1F300...0x1FAFF, 0x20000...0x3FFFD,
    ]
    return wide.contains { $0.contains(value) } ? 2 : 1
  }

  /// The text, cut with an ellipsis where it is wider than `columns`.
  static func cut(_ text: String, to columns: Int) -> String {
    guard of(text) > columns else { return text }
    guard columns > 0 else { return "" }
    var out = String.UnicodeScalarView()
    var width = 0
    for scalar in text.unicodeScalars {
      let next = width + of(scalar)
      if next > columns - 1 { break }
      out.append(scalar)
      width = next
    }
    return String(out) + "…"
  }

  static func left(_ text: String, _ columns: Int) -> String {
    text + String(repeating: " ", count: max(0, columns - of(text)))
  }

  static func right(_ text: String, _ columns: Int) -> String {
    String(repeating: " ", count: max(0, columns - of(text))) + text
  }

  /// The text in lines of at most `columns`, broken at spaces where there are any; at most `limit` lines.
  static func wrap(_ text: String, to columns: Int, limit: Int) -> [String] {
    guard columns > 0, limit > 0 else { return [] }
    var lines: [String] = []
    // What cannot come to be shown need not be looked at.
    let shown = text.unicodeScalars.prefix(columns * (limit + 1) * 2)
    for paragraph in String(shown).replacing("\t", with: "  ").split(
      separator: "\n", omittingEmptySubsequences: false)
    {
      var line = ""
      for word in paragraph.split(separator: " ", omittingEmptySubsequences: false) {
        let joined = line.isEmpty ? String(word) : line + " " + word
        if of(joined) <= columns {
          line = joined
          continue
        }
        if !line.isEmpty { lines.append(line) }
        line = String(word)
        while of(line) > columns {
          var head = ""
          for scalar in line.unicodeScalars {
            if of(head) + of(scalar) > columns { break }
            head.unicodeScalars.append(scalar)
          }
          if head.isEmpty { break }
          lines.append(head)
          line = String(line.unicodeScalars.dropFirst(head.unicodeScalars.count))
        }
      }
      lines.append(line)
      if lines.count > limit { break }
    }
    while lines.last?.isEmpty == true { lines.removeLast() }
    if lines.count > limit {
      lines = Array(lines.prefix(limit))
      lines[limit - 1] = cut(lines[limit - 1] + " …", to: columns)
    }
    return lines
  }
}
