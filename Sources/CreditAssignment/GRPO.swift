/// Group-relative policy optimisation (Shao et al. 2024, arXiv 2402.03300): the baseline is the group's mean.
///
/// The paper's division by the group's standard deviation and its per-sequence mean are the plan's defaults for
/// this algorithm (`scale: group`, `aggregation: sequence`). Departs from the paper in leaving the KL penalty
/// off unless the plan asks for it.
public struct GRPO: GroupAlgorithm {
  /// The algorithm has no settings of its own.
  public init() {}

  /// Each reward less its baseline, `[n]`.
  public func advantages(of rewards: [Double]) -> [Double] {
    let mean = rewards.reduce(0, +) / Double(rewards.count)
    return rewards.map { $0 - mean }
  }
}
