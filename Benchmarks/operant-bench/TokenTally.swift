import Foundation

/// Counts tokens as they are drawn, and notes when the last row got its first: there prompts end and decoding
/// begins.
final class TokenTally: Sendable {
  private struct State {
    var began: [Bool]
    var waiting: Int
    var tokens = 0
    var tokensSince = 0
    var allRowsBegan: ContinuousClock.Instant?
  }
  private let lock = NSLock()
  private nonisolated(unsafe) var state: State

  init(rows: Int) { state = State(began: Array(repeating: false, count: rows), waiting: rows) }

  var tokens: Int { lock.withLock { state.tokens } }
  var tokensSince: Int { lock.withLock { state.tokensSince } }
  var allRowsBegan: ContinuousClock.Instant? { lock.withLock { state.allRowsBegan } }

  func count(_ row: Int) {
    lock.withLock {
      state.tokens += 1
      if state.waiting == 0 { state.tokensSince += 1 }
      guard !state.began[row] else { return }
      state.began[row] = true
      state.waiting -= 1
      if state.waiting == 0 { state.allRowsBegan = .now }
    }
  }
}
