import Synchronization

/// Which prompts of one request a model has taken up, so that one that is turned away knows whether to wait.
final class PromptTurns: Sendable {
  private let state = Mutex<(asking: Int, hasBegun: Bool)>((0, false))

  func ask() { state.withLock { $0.asking += 1 } }

  func begin() {
    state.withLock { state in
      state.asking -= 1
      state.hasBegun = true
    }
  }

  /// Whether others of the request are under way, or may be about to be: their ends make room.
  func isTurnedAway() -> Bool {
    state.withLock { state in
      state.asking -= 1
      return state.hasBegun || state.asking > 0
    }
  }
}
