/// What stands inside the last `\boxed{...}` (or `boxed{...}`) of an answer, braces matched; nil when there is none or
/// it is not closed. The last one is also the innermost.
func lastBoxed(in text: [UInt8]) -> ArraySlice<UInt8>? {
  let word = Array("boxed{".utf8)
  guard text.count > word.count else { return nil }
  let starts = stride(from: text.count - word.count, through: 0, by: -1)
  guard let start = starts.first(where: { text[$0...].starts(with: word) }) else { return nil }
  var depth = 1
  let inside = start + word.count
  for end in inside..<text.count {
    if text[end] == UInt8(ascii: "{") { depth += 1 }
    if text[end] == UInt8(ascii: "}") {
      depth -= 1
      if depth == 0 { return text[inside..<end] }
    }
  }
  return nil
}
