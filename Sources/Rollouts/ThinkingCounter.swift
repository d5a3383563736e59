package import Records
package import Tokenization

/// Counts the sampled tokens of a thinking block, by the bytes that the tokens stand for: text that was decoded and
/// encoded again need not have as many.
package struct ThinkingCounter: Sendable {
  private let tokenizer: Tokenizer
  private let open: [UInt8]
  private let close: [UInt8]

  package init(_ tokenizer: Tokenizer, _ plan: ThinkingPlan) {
    self.tokenizer = tokenizer
    open = Array(plan.open.utf8)
    close = Array(plan.close.utf8)
  }

  /// How many of an answer's tokens come up to and including the first closing tag; the token that completes the tag
  /// counts as a whole. All of them where a block was opened, by the answer or by the template at the end of the prompt,
  /// and never closed; none where there is no block.
  package func count(in answer: [Int32], after prompt: [Int32]) -> Int {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(answer.count * 4)
    var ends: [Int] = []
    ends.reserveCapacity(answer.count)
    for token in answer {
      bytes += tokenizer.bytes(of: token)
      ends.append(bytes.count)
    }
    if let start = Self.first(close, in: bytes) {
      let end = start + close.count
      return (ends.firstIndex { $0 >= end } ?? answer.count - 1) + 1
    }
    return Self.first(open, in: bytes) != nil || endsWithOpenTag(prompt) ? answer.count : 0
  }

  /// Whether the template has opened the block: looks at as many tokens as can hold the tag and blanks after it.
  private func endsWithOpenTag(_ prompt: [Int32]) -> Bool {
    let tail = prompt.suffix(open.count + 8).flatMap { tokenizer.bytes(of: $0) }
    return !open.isEmpty && tail.reversed().drop { $0 <= 0x20 }.starts(with: open.reversed())
  }

  private static func first(_ tag: [UInt8], in bytes: [UInt8]) -> Int? {
    guard let head = tag.first, bytes.count >= tag.count else { return nil }
    return (0...(bytes.count - tag.count)).first { start in
      bytes[start] == head && bytes[start..<(start + tag.count)].elementsEqual(tag)
    }
  }
}
