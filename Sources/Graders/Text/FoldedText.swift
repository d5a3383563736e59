/// Text made ready for looking for phrases: runs of white space become one blank, none at the ends, typographic
/// quotes and dashes become the plain ones, and case is dropped when asked. UTF-8, so that a search is a scan of bytes.
struct FoldedText: Sendable, Hashable {
  let bytes: [UInt8]

  init(_ text: String, ignoringCase: Bool) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.utf8.count)
    var pendingBlank = false
    for scalar in (ignoringCase ? text.lowercased() : text).unicodeScalars {
      if scalar.properties.isWhitespace {
        pendingBlank = !bytes.isEmpty
        continue
      }
      if pendingBlank { bytes.append(0x20) }
      pendingBlank = false
      switch scalar {
      case "\u{2018}", "\u{2019}", "\u{02BC}": bytes.append(UInt8(ascii: "'"))
      case "\u{201C}", "\u{201D}": bytes.append(UInt8(ascii: "\""))
      case "\u{2010}"..."\u{2015}", "\u{2212}": bytes.append(UInt8(ascii: "-"))
      default: bytes.append(contentsOf: UTF8.encode(scalar)!)
      }
    }
    self.bytes = bytes
  }

  /// Bytes that are folded already.
  init(folded bytes: ArraySlice<UInt8>) { self.bytes = Array(bytes) }

  var isEmpty: Bool { bytes.isEmpty }

  /// Where a phrase may stand.
  enum Place: Sendable {
    case anywhere, start, end
  }

  /// Whether the phrase stands there; as whole words, no letter or digit may touch its ends.
  func contains(_ phrase: FoldedText, at place: Place = .anywhere, asWholeWords: Bool) -> Bool {
    let count = phrase.bytes.count
    guard count <= bytes.count, count > 0 else { return false }
    let last = bytes.count - count
    let starts =
      switch place {
      case .anywhere: 0...last
      case .start: 0...0
      case .end: last...last
      }
    return bytes.withUnsafeBufferPointer { text in
      phrase.bytes.withUnsafeBufferPointer { phrase in
        starts.contains { start in
          guard text[start] == phrase[0] else { return false }
          for offset in 1..<max(count, 1) where text[start + offset] != phrase[offset] { return false }
          return !asWholeWords
            || !(start > 0 && Self.isWordByte(text[start - 1]) && Self.isWordByte(phrase[0]))
              && !(start < last && Self.isWordByte(text[start + count]) && Self.isWordByte(phrase[count - 1]))
        }
      }
    }
  }

  /// Letters and digits; every byte outside ASCII counts as part of a letter.
  private static func isWordByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
      UInt8(ascii: "A")...UInt8(ascii: "Z"), 0x80...:
      true
    default: false
    }
  }
}
