/// When and on what the policy is measured, with the same grader as in training.
package struct EvaluationPlan: Sendable, Hashable, Codable {
  /// Steps between held-out measurements; 0 measures only before and after.
  package var every: Int
  /// Held-out Examples used for the measurements before and after; 0 takes all.
  package var prompts: Int
  /// Held-out Examples used for the measurements in between; 0 takes all.
  package var promptsDuring: Int
  /// 0 takes the most likely token; 1 samples as training does.
  package var temperature: Double
  /// A reward at or above this is full marks.
  package var fullMarks: Double
  /// The part of the reward that says whether an answer is right, by having full marks itself; nil for the whole.
  package var right: String?
  /// Stop when the held-out reward no longer rises.
  package var plateau: PlateauPlan?

  package init(
    every: Int = 10, prompts: Int = 100, promptsDuring: Int = 32, temperature: Double = 1,
    fullMarks: Double = 1, right: String? = nil, plateau: PlateauPlan? = PlateauPlan()
  ) {
    self.every = every
    self.prompts = prompts
    self.promptsDuring = promptsDuring
    self.temperature = temperature
    self.fullMarks = fullMarks
    self.right = right
    self.plateau = plateau
  }
}

extension EvaluationPlan {
  /// Whether a reward is full; rounding in a weighted sum takes nothing away.
  package func isFull(_ reward: Double) -> Bool { reward >= fullMarks - 1e-9 }

  /// Whether a grade says that the answer is right; nil where grading failed or has no such part.
  package func isRight(_ grade: Grade) -> Bool? {
    guard let reward = grade.reward else { return nil }
    guard let right else { return isFull(reward) }
    return (grade.subRewards + grade.heldOut).first { $0.name == right }.map { isFull($0.value) }
  }
}

/// When a run counts as having stopped learning.
package struct PlateauPlan: Sendable, Hashable, Codable {
  /// Measurements in a row without a gain.
  package var patience: Int
  /// The least rise of the best held-out reward that counts as a gain.
  package var minimumGain: Double

  package init(patience: Int = 3, minimumGain: Double = 0.01) {
    self.patience = patience
    self.minimumGain = minimumGain
  }
}

/// Limits that stop a run with a named cause.
package struct LimitsPlan: Sendable, Hashable, Codable {
  /// Most mean |log-probability of the sampler - of the trainer| over a step's sampled tokens, in nats.
  package var mismatch: Double
  /// Largest share of a step's episodes whose grading may fail.
  package var graderErrors: Double

  package init(mismatch: Double = 0.1, graderErrors: Double = 0.05) {
    self.mismatch = mismatch
    self.graderErrors = graderErrors
  }
}

/// When the state of a run is written, and how much of it is kept.
package struct CheckpointPlan: Sendable, Hashable, Codable {
  /// Steps between checkpoints.
  package var every: Int
  /// Checkpoints kept, newest first; the best by held-out reward is kept besides.
  package var keep: Int
  /// Checkpoints of every so many steps are kept for good; nil for none.
  package var keepEvery: Int?

  package init(every: Int = 1, keep: Int = 2, keepEvery: Int? = nil) {
    self.every = every
    self.keep = keep
    self.keepEvery = keepEvery
  }

  /// Whether the checkpoint of a step is kept for good.
  package func isKept(_ step: Int) -> Bool {
    guard let keepEvery, step > 0 else { return false }
    return step % keepEvery == 0
  }
}
