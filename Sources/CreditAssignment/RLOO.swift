/// REINFORCE with a leave-one-out baseline (Kool et al. 2019; Ahmadian et al. 2024, arXiv 2402.14740): each
/// episode is compared with the mean of the others, which keeps the gradient unbiased.
///
/// The plan's defaults are `scale: off` and `aggregation: sequence`.
public struct RLOO: GroupAlgorithm {
  /// The algorithm has no settings of its own.
  public init() {}

  /// Each reward less its baseline, `[n]`.
  public func advantages(of rewards: [Double]) -> [Double] {
    let sum = rewards.reduce(0, +)
    return rewards.map { $0 - (sum - $0) / Double(rewards.count - 1) }
  }
}
