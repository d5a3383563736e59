internal import Foundation
package import Records
package import Tokenization

/// Watches the text of every row as it grows: ends rows whose stop string is complete, and counts rows that have
/// ended for a progress display.
package final class StopWatch: Sendable {
  private struct Row: Hashable {
    let request: Int
    let attempt: Int
  }

  private let tokenizer: Tokenizer
  private let options: SamplerOptions
  private let stop: [String]
  private let ended: @Sendable (Int) -> Void
  private let lock = NSLock()
  private nonisolated(unsafe) var texts: [Row: (decoder: StreamingDecoder, tail: String)] = [:]
  private nonisolated(unsafe) var counts: [Row: Int] = [:]
  private nonisolated(unsafe) var endedRows = 0

  /// `ended` receives the number of rows that have ended so far, from the sampler's threads.
  package init(
    _ tokenizer: Tokenizer, options: SamplerOptions, stop: [String], ended: @escaping @Sendable (Int) -> Void
  ) {
    self.tokenizer = tokenizer
    self.options = options
    self.stop = stop
    self.ended = ended
  }

  package var observer: TokenObserver {
    { request, attempt, token in self.see(token, Row(request: request, attempt: attempt)) }
  }

  private func see(_ token: Int32, _ row: Row) -> TokenVerdict {
    lock.withLock {
      counts[row, default: 0] += 1
      var verdict = TokenVerdict.goOn
      if !stop.isEmpty, matches(token, row) { verdict = .stop }
      let isLast = options.stopIDs.contains(token) || counts[row] == options.maxTokens || verdict == .stop
      if isLast {
        texts[row] = nil
        endedRows += 1
        ended(endedRows)
      }
      return verdict
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
