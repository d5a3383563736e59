/// An update that must not be made.
package enum TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// A loss or gradient is not a number: the update was left out, the weights are as they were.
  case diverged(step: Int, what: String)
  /// Sampler and trainer disagree on the log-probabilities of the sampled tokens.
  case mismatch(step: Int, mean: Double, largest: Double, limit: Double)

  package var description: String {
    switch self {
    case .diverged(let step, let what):
      "step \(step): the \(what) is not finite. The weights are those before the step. "
        + "Lower training.learning_rate or set training.gradient_clip, and resume."
    case .mismatch(let step, let mean, let largest, let limit):
      "step \(step): sampler and trainer disagree on log-probabilities by \(mean) on average (largest "
        + "\(largest)), over the limit of \(limit) nats. Gradients would be of another policy than the one that "
        + "sampled. Try exact: true, then model.dtype: float32; raise limits.mismatch only after looking at "
        + "the journal's mismatch curve."
    }
  }
}
