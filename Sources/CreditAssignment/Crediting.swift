package import Records

/// From graded groups to credit: advantages by the plan's algorithm, scaled, spread over tokens, normalised over
/// the whole step.
///
/// Denominators count what is trained on and nothing else: episodes whose grade failed, groups without a
/// signal, and masked truncated episodes are in none of them.
package struct Crediting: Sendable {
  private let plan: AlgorithmPlan
  private let maxTokens: Int

  /// `maxTokens` is the sampling limit, the constant of `aggregation: fixed_length`.
  package init(_ plan: AlgorithmPlan, maxTokens: Int) {
    self.plan = plan
    self.maxTokens = maxTokens
  }

  /// Added to a standard deviation before dividing, so that rounding noise in equal rewards stays small.
  static let deviationFloor = 1e-4

  package func credit(_ groups: [GradedGroup]) -> CreditedStep {
    var step = CreditedStep(
      groups: [], zeroVarianceGroups: 0, tooSmallGroups: 0, failedEpisodes: 0, meanAbsoluteAdvantage: 0)
    var signals: [(episodes: [Episode], advantages: [Double])] = []
    var allRewards: [Double] = []
    for group in groups {
      let graded = group.episodes.compactMap { entry in
        reward(of: entry).map { (episode: entry.episode, reward: $0) }
      }
      step.failedEpisodes += group.episodes.count - graded.count
      let rewards = graded.map(\.reward)
      allRewards += rewards
      guard rewards.count > 1 else {
        step.tooSmallGroups += 1
        continue
      }
      guard rewards.contains(where: { $0 != rewards[0] }) else {
        step.zeroVarianceGroups += 1
        continue
      }
      var advantages = plan.name.algorithm.advantages(of: rewards)
      if plan.scale == .group {
        let divisor = Self.deviation(rewards) + Self.deviationFloor
        advantages = advantages.map { $0 / divisor }
      }
      signals.append((graded.map(\.episode), advantages))
    }
    if plan.scale == .batch, allRewards.count > 1 {
      let divisor = Self.deviation(allRewards) + Self.deviationFloor
      for index in signals.indices {
        signals[index].advantages = signals[index].advantages.map { $0 / divisor }
      }
    }
    let advantages = signals.flatMap(\.advantages)
    if !advantages.isEmpty {
      step.meanAbsoluteAdvantage = advantages.reduce(0) { $0 + abs($1) } / Double(advantages.count)
    }
    step.groups = spread(signals)
    return step
  }

  /// The reward that advantages are taken from; nil when grading failed.
  private func reward(of entry: GradedEpisode) -> Double? {
    guard let earned = entry.grade.reward else { return nil }
    let reward = entry.grade.standing ?? earned
    let isPenalised = plan.truncated == .penalise && entry.episode.isTruncated
    return isPenalised ? reward - plan.truncationPenalty : reward
  }

  /// Gives every trained token its share of the episode's advantage.
  private func spread(_ signals: [(episodes: [Episode], advantages: [Double])]) -> [[CreditedEpisode]] {
    func trains(_ episode: Episode) -> Bool {
      !(plan.truncated == .mask && episode.isTruncated) && episode.generatedCount > 0
    }
    let trained = signals.flatMap(\.episodes).filter(trains)
    let tokens = trained.reduce(0) { $0 + $1.generatedCount }
    return signals.map { signal in
      zip(signal.episodes, signal.advantages).map { episode, advantage in
        guard trains(episode) else {
          let zeros = [Float](repeating: 0, count: episode.tokens.count)
          return CreditedEpisode(episode: episode, credit: Credit(policy: zeros, regularisation: zeros))
        }
        let normaliser =
          switch plan.aggregation {
          case .token: 1 / Double(tokens)
          case .sequence: 1 / (Double(trained.count) * Double(episode.generatedCount))
          case .fixedLength: 1 / (Double(trained.count) * Double(maxTokens))
          }
        let mask = episode.lossMask
        return CreditedEpisode(
          episode: episode,
          credit: Credit(
            policy: mask.map { $0 ? Float(advantage * normaliser) : 0 },
            regularisation: mask.map { $0 ? Float(normaliser) : 0 }))
      }
    }
  }

  /// The sample standard deviation (n - 1), as torch.std takes it.
  static func deviation(_ values: [Double]) -> Double {
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    return (squares / Double(values.count - 1)).squareRoot()
  }
}
