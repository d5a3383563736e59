/// When in a run a group is graded: what schedules of weights and thresholds go by.
///
/// Graders keep no state between steps: whatever a schedule needs of the past is here, from the run's saved state, so
/// that a resumed run grades as the uninterrupted one did.
public struct GradingMoment: Sendable, Hashable {
  /// Optimiser steps made before; 0 outside a run.
  public var step: Int
  /// Share of right answers among those of each step before, 0 to 1, oldest first. Steps without a grade are missing.
  public var passRates: [Double]
  /// Whether schedules are taken at their end, whatever the step: so held-out answers are measured, and trials outside
  /// a run, so that all of them are comparable.
  public var isFinal: Bool

  /// A moment of training.
  public init(step: Int = 0, passRates: [Double] = []) {
    self.step = step
    self.passRates = passRates
    isFinal = false
  }

  /// The end of every schedule.
  public static let final = {
    var moment = GradingMoment()
    moment.isFinal = true
    return moment
  }()

  /// Mean pass rate of the last five steps; nil before the first.
  public var passRate: Double? { passRate(over: 5) }

  /// Mean pass rate of the last `window` steps, or of as many as there are; nil before the first.
  public func passRate(over window: Int) -> Double? {
    let recent = passRates.suffix(window)
    return recent.isEmpty ? nil : recent.reduce(0, +) / Double(recent.count)
  }

  /// Whether the pass rate was at or above a level for `window` steps in a row at some time so far: a later dip does
  /// not undo it, so that a reward does not swing to and fro between two definitions.
  public func passRateHasHeld(_ level: Double, for window: Int) -> Bool {
    var inARow = 0
    for rate in passRates {
      inARow = rate >= level ? inARow + 1 : 0
      if inARow == window { return true }
    }
    return false
  }
}
