/// Decodes ids one by one. What comes out, joined, is the text of `Tokenizer.decode`; no piece ends inside a
/// character, so a piece may be empty while the bytes of one are still coming.
package struct StreamingDecoder: Sendable {
  private let tokenizer: Tokenizer
  private let skippingSpecial: Bool
  private var pending: [UInt8] = []

  package init(_ tokenizer: Tokenizer, skippingSpecial: Bool) {
    self.tokenizer = tokenizer
    self.skippingSpecial = skippingSpecial
  }

  /// The text that this id completes.
  package mutating func push(_ id: Int32) -> String {
    if skippingSpecial, tokenizer.isSpecial(id) { return "" }
    tokenizer.appendBytes(of: id, to: &pending)
    let kept = Self.lengthOfOpenTail(pending)
    let text = String(decoding: pending.dropLast(kept), as: UTF8.self)
    pending.removeFirst(pending.count - kept)
    return text
  }

  /// The text of what is left: U+FFFD when the last character was not completed.
  package mutating func finish() -> String {
    defer { pending.removeAll() }
    return String(decoding: pending, as: UTF8.self)
  }

  /// How many bytes at the end are the start of a character that later bytes may complete (0 to 3).
  private static func lengthOfOpenTail(_ bytes: [UInt8]) -> Int {
    for length in 1...3 where length <= bytes.count {
      let lead = bytes[bytes.count - length]
      if lead & 0xC0 == 0x80 { continue }
      let needed =
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 1
        }
      guard length < needed else { return 0 }
      guard length > 1 else { return 1 }
      // The second byte of some leads is narrower: overlong forms, surrogates, beyond U+10FFFF.
      let second = bytes[bytes.count - length + 1]
      let allowed: ClosedRange<UInt8> =
        switch lead {
        case 0xE0: 0xA0...0xBF
        case 0xED: 0x80...0x9F
        case 0xF0: 0x90...0xBF
        case 0xF4: 0x80...0x8F
        default: 0x80...0xBF
        }
      return allowed.contains(second) ? length : 0
    }
    return 0
  }
}
