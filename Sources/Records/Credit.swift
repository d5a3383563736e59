/// What an algorithm makes of one episode: for every token, how much each component of the loss weighs.
///
/// All normalisation (by tokens, by sequences, by a fixed length) is inside the weights, taken over the whole
/// step. The trainer only adds up, so no split into micro-batches or ranks can change the gradient.
public struct Credit: Sendable, Hashable, Codable {
  /// Weight of the policy-gradient component: advantage times normaliser. `[T]`, 0 where not trained.
  public var policy: [Float]
  /// Weight of the regularising components (KL to the base): the normaliser alone. `[T]`, 0 where not trained.
  public var regularisation: [Float]

  /// Both components, one weight a token each.
  public init(policy: [Float], regularisation: [Float]) {
    precondition(
      policy.count == regularisation.count, "a credit's two components must have one weight a token each")
    self.policy = policy
    self.regularisation = regularisation
  }
}

/// An episode with its credit: what the trainer takes.
public struct CreditedEpisode: Sendable, Hashable, Codable {
  /// What was sampled.
  public var episode: Episode
  /// What its tokens weigh.
  public var credit: Credit

  /// An episode with one weight a token.
  public init(episode: Episode, credit: Credit) {
    precondition(episode.tokens.count == credit.policy.count, "a credit must have one weight a token")
    self.episode = episode
    self.credit = credit
  }
}

/// A step's credited episodes, groups kept together, with what was left out and why.
public struct CreditedStep: Sendable, Hashable, Codable {
  /// Groups that carry a signal; episodes of one group share a prompt.
  public var groups: [[CreditedEpisode]]
  /// Groups in which every reward was equal: no signal, not trained on.
  public var zeroVarianceGroups: Int
  /// Groups with fewer than two graded episodes.
  public var tooSmallGroups: Int
  /// Episodes that left their group because grading failed.
  public var failedEpisodes: Int
  /// Mean of |advantage| over the episodes of all groups.
  public var meanAbsoluteAdvantage: Double

  /// A step as `Crediting` leaves it.
  public init(
    groups: [[CreditedEpisode]], zeroVarianceGroups: Int, tooSmallGroups: Int, failedEpisodes: Int,
    meanAbsoluteAdvantage: Double
  ) {
    self.groups = groups
    self.zeroVarianceGroups = zeroVarianceGroups
    self.tooSmallGroups = tooSmallGroups
    self.failedEpisodes = failedEpisodes
    self.meanAbsoluteAdvantage = meanAbsoluteAdvantage
  }
}
