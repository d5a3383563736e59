/// Finds added tokens in UTF-8 text: the leftmost, and of those the longest, one after another without overlap.
struct AddedTokenMatcher: Sendable {
  typealias AddedToken = TokenizerDefinition.AddedToken

  /// A stretch of the text: an added token, or text between two of them when `id` is nil.
  struct Segment {
    var range: Range<Int>
    var id: Int32?
  }

  private var tokens: [AddedToken] = []
  /// A trie over bytes: (node << 8 | byte) to the next node. Node 0 is the root.
  private var edges: [UInt32: UInt32] = [:]
  /// The token that ends at a node, -1 for none.
  private var ends: [Int32] = [-1]
  private var starts = [Bool](repeating: false, count: 256)

  /// A matcher of these tokens; `form` gives the text that a token is looked for as.
  init(_ tokens: [AddedToken], form: (AddedToken) -> String = \.content) {
    for token in tokens where !token.content.isEmpty {
      var node: UInt32 = 0
      let bytes = Array(form(token).utf8)
      guard let first = bytes.first else { continue }
      starts[Int(first)] = true
      for byte in bytes {
        let key = node << 8 | UInt32(byte)
        if let next = edges[key] {
          node = next
        } else {
          node = UInt32(ends.count)
          edges[key] = node
          ends.append(-1)
        }
      }
      ends[Int(node)] = Int32(self.tokens.count)
      self.tokens.append(token)
    }
  }

  var isEmpty: Bool { tokens.isEmpty }

  /// The token and its end, for the longest that starts at `place`.
  func longestMatch(at place: Int, in text: UnsafeBufferPointer<UInt8>) -> (token: AddedToken, end: Int)? {
    guard starts[Int(text[place])] else { return nil }
    var node: UInt32 = 0
    var found: (AddedToken, Int)?
    var index = place
    while index < text.count, let next = edges[node << 8 | UInt32(text[index])] {
      node = next
      index += 1
      if ends[Int(node)] >= 0 { found = (tokens[Int(ends[Int(node)])], index) }
    }
    return found
  }

  /// Cuts `text` at its added tokens. A token that stands right behind `marker` (UTF-8 of one scalar) is text.
  func segments(of text: UnsafeBufferPointer<UInt8>, refusedAfter marker: [UInt8] = []) -> [Segment] {
    var segments: [Segment] = []
    var done = 0
    var place = 0
    while place < text.count {
      guard let (token, end) = longestMatch(at: place, in: text) else {
        place += 1
        continue
      }
      let isMarked =
        !marker.isEmpty && place >= marker.count
        && text[(place - marker.count)..<place].elementsEqual(marker)
      if isMarked {
        place += 1
        continue
      }
      if token.singleWord, Self.endsInWord(text[..<place]) || Self.startsInWord(text[end...]) {
        place = end
        continue
      }
      let start = token.lstrip ? max(done, Self.spaceStart(before: place, in: text)) : max(done, place)
      let stop = token.rstrip ? Self.spaceEnd(after: end, in: text) : end
      if start > done { segments.append(Segment(range: done..<start, id: nil)) }
      segments.append(Segment(range: start..<max(start, stop), id: token.id))
      done = max(done, stop)
      place = end
    }
    if done < text.count { segments.append(Segment(range: done..<text.count, id: nil)) }
    return segments
  }

  private static func lastScalar(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Unicode.Scalar? {
    guard let start = text.lastIndex(where: { $0 & 0xC0 != 0x80 }) else { return nil }
    return firstScalar(text[start...])
  }

  private static func firstScalar(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Unicode.Scalar? {
    String(decoding: text.prefix(4), as: UTF8.self).unicodeScalars.first
  }

  private static func endsInWord(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    lastScalar(text).map(isWord) ?? false
  }

  private static func startsInWord(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Bool {
    firstScalar(text).map(isWord) ?? false
  }

  /// `\w` of UTS #18: alphabetic, mark, decimal number, connector punctuation, join control.
  private static func isWord(_ scalar: Unicode.Scalar) -> Bool {
    let properties = scalar.properties
    switch properties.generalCategory {
    case .nonspacingMark, .spacingMark, .enclosingMark, .decimalNumber, .connectorPunctuation: return true
    default: return properties.isAlphabetic || properties.isJoinControl
    }
  }

  private static func spaceStart(before place: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var start = place
    while let scalar = lastScalar(text[..<start]), scalar.properties.isWhitespace {
      start -= scalar.utf8.count
    }
    return start
  }

  private static func spaceEnd(after place: Int, in text: UnsafeBufferPointer<UInt8>) -> Int {
    var end = place
    while let scalar = firstScalar(text[end...]), scalar.properties.isWhitespace {
      end += scalar.utf8.count
    }
    return end
  }
}
