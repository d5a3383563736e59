/// Colours, or none.
struct Paint: Sendable {
  let isOn: Bool

  func bold(_ text: String) -> String { wrap(text, "1") }
  func dim(_ text: String) -> String { wrap(text, "2") }
  func green(_ text: String) -> String { wrap(text, "32") }
  func red(_ text: String) -> String { wrap(text, "31") }
  func yellow(_ text: String) -> String { wrap(text, "33") }

  private func wrap(_ text: String, _ code: String) -> String {
    isOn && !text.isEmpty ? "\u{1B}[\(code)m\(text)\u{1B}[0m" : text
  }

  /// Cuts to a width, not counting the colour codes that this type puts in.
  func cut(_ text: String, to columns: Int) -> String {
    guard isOn, text.unicodeScalars.contains("\u{1B}") else { return TextWidth.cut(text, to: columns) }
    var out = ""
    var left = columns
    for (index, part) in text.split(separator: "\u{1B}", omittingEmptySubsequences: false).enumerated() {
      var visible = part
      if index > 0 {
        let code = part.prefix { $0 != "m" }
        out += "\u{1B}" + code + "m"
        visible = part.dropFirst(code.count + 1)
      }
      let shown = TextWidth.cut(String(visible), to: left)
      out += shown
      left -= TextWidth.of(shown)
    }
    return out
  }
}
