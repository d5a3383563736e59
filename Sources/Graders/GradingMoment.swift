/// When in a run a group is graded: what schedules of weights and thresholds go by.
///
/// Graders keep no state between steps, so that a resumed run grades as the uninterrupted one did.
public struct GradingMoment: Sendable, Hashable {
  /// Optimiser steps made before; 0 outside a run.
  public var step: Int
  /// Share of full marks among the answers of the latest steps, 0 to 1; nil before the first step and outside a run.
  public var passRate: Double?

  /// A moment; by default that of a trial outside a run.
  public init(step: Int = 0, passRate: Double? = nil) {
    self.step = step
    self.passRate = passRate
  }
}
