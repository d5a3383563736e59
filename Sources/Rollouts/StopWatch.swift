internal import Foundation
package import Records
package import Tokenization

/// Watches the text of every row as it grows and ends rows whose stop string is complete.
package final class StopWatch: Sendable {
  private struct Row: Hashable {
    let request: Int
    let attempt: Int
  }

  private let tokenizer: Tokenizer
  private let stop: [String]
  private let lock = NSLock()
  private nonisolated(unsafe) var texts: [Row: (decoder: StreamingDecoder, tail: String)] = [:]

  /// Nil when there is nothing to stop at: then nobody has to look at tokens.
  package init?(_ tokenizer: Tokenizer, stop: [String]) {
    guard !stop.isEmpty else { return nil }
    self.tokenizer = tokenizer
    self.stop = stop
  }

  /// What to make of a row's next token.
  package func see(_ token: Int32, request: Int, attempt: Int) -> TokenVerdict {
    lock.withLock {
      let row = Row(request: request, attempt: attempt)
      guard matches(token, row) else { return .goOn }
      texts[row] = nil
      return .stop
    }
  }

  /// Keeps only as much text as the longest stop string can span.
  private func matches(_ token: Int32, _ row: Row) -> Bool {
    var (decoder, tail) = texts[row] ?? (StreamingDecoder(tokenizer, skippingSpecial: true), "")
    tail += decoder.push(token)
    let found = stop.contains { tail.contains($0) }
    let longest = stop.map(\.utf8.count).max() ?? 0
    if tail.utf8.count > 4 * longest { tail = String(tail.suffix(longest)) }
    texts[row] = (decoder, tail)
    return found
  }
}
