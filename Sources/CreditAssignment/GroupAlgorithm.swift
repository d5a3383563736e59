/// How one relative of GRPO turns the rewards of a group into advantages.
///
/// A conforming type is a file of arithmetic: it sees rewards, never tokens or tensors. What it does not decide
/// (scale, aggregation, truncated episodes) the plan does, and `Crediting` applies.
public protocol GroupAlgorithm: Sendable {
  /// What each episode did beyond its baseline: `[n]` rewards to `[n]`, before any scaling. n is at least 2.
  func advantages(of rewards: [Double]) -> [Double]
}
