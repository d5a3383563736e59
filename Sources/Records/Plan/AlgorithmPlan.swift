/// The relatives of GRPO; each is a file in `Algorithms`.
package enum AlgorithmName: String, Sendable, Hashable, Codable, CaseIterable {
  case grpo
  case drGRPO = "dr_grpo"
  case dapo
  case rloo
}

/// How token losses become one number.
package enum Aggregation: String, Sendable, Hashable, Codable, CaseIterable {
  /// Every token of the step weighs the same (DAPO).
  case token
  /// Every episode weighs the same, its tokens share its weight (GRPO).
  case sequence
  /// Sum over an episode's tokens divided by the token limit, a constant (Dr.GRPO).
  case fixedLength = "fixed_length"
}

/// What advantages are divided by.
package enum AdvantageScale: String, Sendable, Hashable, Codable, CaseIterable {
  /// The standard deviation of the group's rewards.
  case group
  /// The standard deviation of all rewards of the step.
  case batch
  /// Nothing.
  case off
}

/// What becomes of episodes that the token limit cut off.
package enum TruncatedEpisodes: String, Sendable, Hashable, Codable, CaseIterable {
  /// Trained on as they are.
  case keep
  /// Count in the group's baseline, but their own tokens are not trained on.
  case mask
  /// Their reward is lowered by `truncation_penalty` before advantages are taken.
  case penalise
}

/// How the divergence from the base model is estimated inside the loss.
package enum KLEstimator: String, Sendable, Hashable, Codable, CaseIterable {
  /// Half the squared log-ratio (k2): on samples of the policy its gradient is that of the KL divergence.
  case k2
  /// exp(r) - r - 1 (k3), as in the GRPO paper: low variance as a value, biased as a gradient.
  case k3
}

/// The pull towards the base model.
package struct KLPlan: Sendable, Hashable, Codable {
  /// 0 turns it off.
  package var coefficient: Double
  package var estimator: KLEstimator

  package init(coefficient: Double = 0, estimator: KLEstimator = .k2) {
    self.coefficient = coefficient
    self.estimator = estimator
  }
}

/// From graded groups to credit, and the shape of the surrogate loss.
package struct AlgorithmPlan: Sendable, Hashable, Codable {
  package var name: AlgorithmName
  package var aggregation: Aggregation
  package var scale: AdvantageScale
  /// The ratio's range is 1 - clipLow to 1 + clipHigh.
  package var clipLow: Double
  package var clipHigh: Double
  package var kl: KLPlan
  package var truncated: TruncatedEpisodes
  /// What `truncated: penalise` takes from the reward.
  package var truncationPenalty: Double

  package init(
    name: AlgorithmName = .grpo, aggregation: Aggregation = .sequence, scale: AdvantageScale = .group,
    clipLow: Double = 0.2, clipHigh: Double = 0.2, kl: KLPlan = KLPlan(),
    truncated: TruncatedEpisodes = .keep, truncationPenalty: Double = 0.5
  ) {
    self.name = name
    self.aggregation = aggregation
    self.scale = scale
    self.clipLow = clipLow
    self.clipHigh = clipHigh
    self.kl = kl
    self.truncated = truncated
    self.truncationPenalty = truncationPenalty
  }
}
