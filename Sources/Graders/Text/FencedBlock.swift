/// A fenced code block of Markdown: what stands between a line of three or more backticks (or tildes) and the next line
/// of as many.
struct FencedBlock: Sendable, Hashable {
  /// The first word behind the opening fence, in lower case.
  let language: String
  /// The lines between, each with its line break.
  let content: [UInt8]

  /// The blocks of a text, in order. A block that is never closed goes to the end, as CommonMark has it; lists and
  /// quotes around a block are not known.
  static func blocks(in text: [UInt8]) -> [FencedBlock] {
    var blocks: [FencedBlock] = []
    var open: (mark: UInt8, count: Int, language: String, start: Int)?
    var lineStart = 0
    while lineStart < text.count {
      let lineEnd = text[lineStart...].firstIndex(of: 0x0A).map { $0 + 1 } ?? text.count
      let line = text[lineStart..<lineEnd]
      if let fence = fence(line) {
        if let block = open {
          if fence.mark == block.mark, fence.count >= block.count, fence.rest.isEmpty {
            blocks.append(
              FencedBlock(language: block.language, content: Array(text[block.start..<lineStart])))
            open = nil
          }
        } else {
          let word = fence.rest.prefix { $0 > 0x20 }
          open = (fence.mark, fence.count, String(decoding: word, as: UTF8.self).lowercased(), lineEnd)
        }
      }
      lineStart = lineEnd
    }
    if let open { blocks.append(FencedBlock(language: open.language, content: Array(text[open.start...]))) }
    return blocks
  }

  /// The fence that a line is, with what follows it, blanks taken off.
  private static func fence(
    _ line: ArraySlice<UInt8>
  ) -> (mark: UInt8, count: Int, rest: ArraySlice<UInt8>)? {
    let inside = line.drop { $0 == 0x20 }
    guard line.count - inside.count <= 3, let mark = inside.first,
      mark == UInt8(ascii: "`") || mark == UInt8(ascii: "~")
    else { return nil }
    let rest = inside.drop { $0 == mark }
    let count = inside.count - rest.count
    var info = rest.drop { $0 <= 0x20 }
    while let last = info.last, last <= 0x20 { info.removeLast() }
    // Backticks behind backticks are code inside a line.
    guard count >= 3, mark == UInt8(ascii: "~") || !info.contains(mark) else { return nil }
    return (mark, count, info)
  }
}
