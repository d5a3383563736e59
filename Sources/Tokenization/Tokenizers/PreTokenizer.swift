/// How text is cut into words before merges are applied; no merge crosses a cut.
package enum PreTokenizer: String, Sendable, Hashable, CaseIterable {
  /// GPT-2's pattern.
  case gpt2
  /// SmolLM's: every digit alone, then GPT-2's pattern on what is between.
  case smollm
  /// Llama 3's pattern: numbers in threes, contractions in either case.
  case llamaBPE
  /// Qwen 2's pattern: Llama 3's with single digits.
  case qwen2
}

/// Walks over UTF-8 bytes and gives the end of one word after another.
///
/// The patterns are followed by hand, alternative by alternative: a regular expression engine is slower by an
/// order of magnitude, and there are only two patterns. GPT-2's:
///
///     's|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+
///
/// Llama 3's (Qwen 2 has `\p{N}` for `\p{N}{1,3}`):
///
///     (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*
///       |\s*[\r\n]+|\s+(?!\S)|\s+
struct WordScanner {
  /// Valid UTF-8.
  let bytes: UnsafeBufferPointer<UInt8>
  let preTokenizer: PreTokenizer
  private let classes = ScalarClass.basicPlane

  init(bytes: UnsafeBufferPointer<UInt8>, preTokenizer: PreTokenizer) {
    self.bytes = bytes
    self.preTokenizer = preTokenizer
  }

  /// The end of the word that starts at `start`; `start` must be inside the text.
  func endOfWord(from start: Int) -> Int {
    switch preTokenizer {
    case .gpt2: endOfGPT2Word(from: start, isolatesDigits: false)
    case .smollm: endOfGPT2Word(from: start, isolatesDigits: true)
    case .llamaBPE: endOfLlamaWord(from: start, digits: 3)
    case .qwen2: endOfLlamaWord(from: start, digits: 1)
    }
  }

  private func endOfGPT2Word(from start: Int, isolatesDigits: Bool) -> Int {
    let (first, afterFirst) = scalar(at: start)
    if isolatesDigits, first.isDigit { return afterFirst }
    if bytes[start] == UInt8(ascii: "'"), let end = contraction(at: start, anyCase: false) { return end }
    let body = bytes[start] == 0x20 ? afterFirst : start
    if body < bytes.count {
      let (kind, next) = scalar(at: body)
      switch kind {
      case .letter: return run(from: next) { $0 == .letter }
      case .number where !isolatesDigits: return run(from: next) { $0 == .number }
      case .other: return run(from: next) { isolatesDigits ? $0 == .other : $0.isOther }
      case .newNumber where !isolatesDigits: return run(from: next) { $0.isOther }
      default: break
      }
    }
    return endOfSpaces(from: start, isolatesDigits: isolatesDigits)
  }

  private func endOfLlamaWord(from start: Int, digits: Int) -> Int {
    if bytes[start] == UInt8(ascii: "'"), let end = contraction(at: start, anyCase: true) { return end }
    let (first, afterFirst) = scalar(at: start)
    if first == .letter { return run(from: afterFirst) { $0 == .letter } }
    if first == .number {
      var end = afterFirst
      for _ in 1..<digits where end < bytes.count {
        let (kind, next) = scalar(at: end)
        guard kind == .number else { break }
        end = next
      }
      return end
    }
    if first != .newline, afterFirst < bytes.count {
      let (kind, next) = scalar(at: afterFirst)
      if kind == .letter { return run(from: next) { $0 == .letter } }
      if bytes[start] == 0x20, kind.isOther { return endOfSymbols(from: next) }
    }
    if first.isOther { return endOfSymbols(from: afterFirst) }
    return endOfSpaces(from: start, breaksAfterNewlines: true)
  }

  /// `[^\s\p{L}\p{N}]+[\r\n]*`, behind its first scalar.
  private func endOfSymbols(from start: Int) -> Int {
    run(from: run(from: start) { $0.isOther }) { $0 == .newline }
  }

  /// The alternatives for white space: up to the last line break of the run where the pattern has that rule,
  /// else all of it at the end of the text, else all but its last scalar, which goes with the next word.
  private func endOfSpaces(
    from start: Int, isolatesDigits: Bool = false, breaksAfterNewlines: Bool = false
  ) -> Int {
    var end = start
    var last = start
    var afterNewline: Int?
    while end < bytes.count {
      let (kind, next) = scalar(at: end)
      guard kind.isSpace else {
        if isolatesDigits, kind.isDigit { return end }
        break
      }
      if kind == .newline { afterNewline = next }
      last = end
      end = next
    }
    if breaksAfterNewlines, let afterNewline { return afterNewline }
    return end == bytes.count || last == start ? end : last
  }

  private func run(from start: Int, while belongs: (ScalarClass) -> Bool) -> Int {
    var end = start
    while end < bytes.count {
      let (kind, next) = scalar(at: end)
      guard belongs(kind) else { break }
      end = next
    }
    return end
  }

  /// The end of `'s`, `'t`, `'re`, `'ve`, `'m`, `'ll` or `'d` at `start`, where an apostrophe stands.
  private func contraction(at start: Int, anyCase: Bool) -> Int? {
    func letter(_ offset: Int) -> UInt8 {
      let index = start + offset
      guard index < bytes.count else { return 0 }
      let byte = bytes[index]
      return anyCase && (0x41...0x5A).contains(byte) ? byte | 0x20 : byte
    }
    switch letter(1) {
    case UInt8(ascii: "s"), UInt8(ascii: "t"), UInt8(ascii: "m"), UInt8(ascii: "d"): return start + 2
    case UInt8(ascii: "r"), UInt8(ascii: "v"): return letter(2) == UInt8(ascii: "e") ? start + 3 : nil
    case UInt8(ascii: "l"): return letter(2) == UInt8(ascii: "l") ? start + 3 : nil
    // U+017F, the long s: case folding makes it an s.
    case 0xC5 where anyCase && letter(2) == 0xBF: return start + 3
    default: return nil
    }
  }

  /// The class of the scalar at `index` and where the next one starts.
  @inline(__always)
  private func scalar(at index: Int) -> (kind: ScalarClass, next: Int) {
    let first = bytes[index]
    if first < 0x80 { return (classes[Int(first)], index + 1) }
    let second = Int(bytes[index + 1] & 0x3F)
    if first < 0xE0 { return (classes[Int(first & 0x1F) << 6 | second], index + 2) }
    let third = Int(bytes[index + 2] & 0x3F)
    if first < 0xF0 { return (classes[Int(first & 0x0F) << 12 | second << 6 | third], index + 3) }
    let value = UInt32(first & 0x07) << 18 | UInt32(second) << 12 | UInt32(third) << 6
    return (
      Unicode.Scalar(value | UInt32(bytes[index + 3] & 0x3F)).map(ScalarClass.init) ?? .other, index + 4
    )
  }
}
