/// What a run does when its reward seems to be gamed.
package enum AlarmAction: String, Sendable, Hashable, Codable, CaseIterable {
  /// Say so and go on.
  case warn
  /// Write a checkpoint and end; the run goes on when a person says so.
  case pause
  /// End the run as if it had done all its steps.
  case stop
  /// End it with the newest checkpoint from before anything was out of the ordinary.
  case rollBack = "roll_back"
}

/// How a run watches for a policy that wins points without earning them.
package struct DefencePlan: Sendable, Hashable, Codable {
  /// Nil tries no canaries.
  package var canaries: CanaryPlan?
  package var gap: GapPlan
  /// Nil watches for no drift.
  package var drift: DriftPlan?

  package init(
    canaries: CanaryPlan? = CanaryPlan(), gap: GapPlan = GapPlan(), drift: DriftPlan? = DriftPlan()
  ) {
    self.canaries = canaries
    self.gap = gap
    self.drift = drift
  }
}

/// Answers that deserve nothing, given to the grader before the start and at each measurement.
package struct CanaryPlan: Sendable, Hashable, Codable {
  /// Examples that each canary answers.
  package var prompts: Int
  /// A mean reward of at least this share of full marks is too much for a canary.
  package var limit: Double
  package var action: AlarmAction

  package init(prompts: Int = 8, limit: Double = 0.5, action: AlarmAction = .warn) {
    self.prompts = prompts
    self.limit = limit
    self.action = action
  }
}

/// How far the reward may run away from graders that are not trained on.
package struct GapPlan: Sendable, Hashable, Codable {
  /// Growth of trained minus held-out reward since the first step that is worth a warning.
  package var warn: Double
  /// Growth at which the action is taken.
  package var stop: Double
  /// Steps that are taken together.
  package var window: Int
  package var action: AlarmAction

  package init(warn: Double = 0.05, stop: Double = 0.1, window: Int = 4, action: AlarmAction = .stop) {
    self.warn = warn
    self.stop = stop
    self.window = window
    self.action = action
  }
}

/// How far answers may change from those of the first step. Shares are 0 to 1.
package struct DriftPlan: Sendable, Hashable, Codable {
  /// Steps that are taken together.
  package var window: Int
  package var action: AlarmAction
  /// Most mean tokens an answer, as a multiple of the first step's.
  package var lengthAbove: Double
  /// Fewest mean tokens an answer, as a multiple of the first step's.
  package var lengthBelow: Double
  /// Largest fall of the share of answers that the grader can read.
  package var format: Double
  /// Largest rise of the share of an answer that repeats itself.
  package var repetition: Double
  /// Largest fall of the share of answers in the first step's language.
  package var language: Double
  /// Lowest entropy, as a multiple of the first step's.
  package var entropy: Double
  /// Most KL divergence from the base model, nats a token.
  package var kl: Double
  /// Largest rise of the share of answers that another prompt got as well.
  package var identical: Double
  /// Largest fall of one part of the reward while the whole rises.
  package var part: Double

  package init(
    window: Int = 3, action: AlarmAction = .warn, lengthAbove: Double = 2, lengthBelow: Double = 0.1,
    format: Double = 0.2, repetition: Double = 0.2, language: Double = 0.3, entropy: Double = 0.01,
    kl: Double = 2, identical: Double = 0.5, part: Double = 0.2
  ) {
    self.window = window
    self.action = action
    self.lengthAbove = lengthAbove
    self.lengthBelow = lengthBelow
    self.format = format
    self.repetition = repetition
    self.language = language
    self.entropy = entropy
    self.kl = kl
    self.identical = identical
    self.part = part
  }
}
