/// Dr. GRPO (Liu et al. 2025, arXiv 2503.20783): GRPO without the two divisions that bias it.
///
/// Dividing by a group's deviation over-weights prompts that are nearly always or nearly never solved; dividing
/// by an answer's length favours long wrong answers. The plan's defaults are `scale: off` and `aggregation:
/// fixed_length`; the baseline is GRPO's.
public struct DrGRPO: GroupAlgorithm {
  /// The algorithm has no settings of its own.
  public init() {}

  /// Each reward less its baseline, `[n]`.
  public func advantages(of rewards: [Double]) -> [Double] { GRPO().advantages(of: rewards) }
}
