package import Records
package import Torch

/// What one step of a batch brought.
package struct StepReport {
  /// Likely tokens, to be reported before `tokens`.
  package var likely: [ServeEvent] = []
  package var tokens: [TokenLine.Entry] = []
  /// Attempts that ended with the step.
  package var ended: [Ended] = []
  /// Commands that could not go on; none of their attempts is reported as ended.
  package var refused: [(id: UInt64, error: TorchError)] = []
  /// Tokens of prompts that were read, and those that were cached.
  package var promptTokens = 0
  package var cachedTokens = 0

  package struct Ended: Sendable, Hashable {
    package var id: UInt64
    package var attempt: Int
    package var reason: ServeEvent.EndReason
  }

  package init() {}
}
