/// The loss of DAPO (Yu et al. 2025, arXiv 2503.14476): token-level mean, a higher upper clip, truncated answers
/// left out.
///
/// These are plan defaults (`aggregation: token`, `clip_high: 0.28`, `truncated: mask`); the advantage is
/// GRPO's. Departs from the paper in not sampling groups again until all have a signal: groups without one are
/// skipped and counted.
public struct DAPO: GroupAlgorithm {
  /// The algorithm has no settings of its own.
  public init() {}

  /// Each reward less its baseline, `[n]`.
  public func advantages(of rewards: [Double]) -> [Double] { GRPO().advantages(of: rewards) }
}
