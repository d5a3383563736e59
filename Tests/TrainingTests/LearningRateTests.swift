import Records
import Testing
import Training

@Suite struct LearningRateTests {
  /// Schedule, steps of warm-up, updates a step, and the rates of a run of 4 steps.
  static let tables: [(LearningRateSchedule, Int, Int, [Double])] = [
    (.constant, 0, 1, [0.8, 0.8, 0.8, 0.8]),
    (.linear, 0, 1, [0.8, 0.6, 0.4, 0.2]),
    (.cosine, 0, 1, [0.8, 0.68284271, 0.4, 0.11715729]),
    (.constant, 2, 1, [0.4, 0.8, 0.8, 0.8]),
    (.linear, 2, 1, [0.4, 0.8, 0.8, 0.4]),
    (.cosine, 2, 1, [0.4, 0.8, 0.8, 0.4]),
    // Two optimiser steps a step: warm-up and schedule stretch with them.
    (.linear, 1, 2, [0.4, 0.8, 0.8, 0.66666667, 0.53333333, 0.4, 0.26666667, 0.13333333]),
    (.constant, 4, 1, [0.2, 0.4, 0.6, 0.8]),
    // Warm-up longer than the run.
    (.linear, 8, 1, [0.1, 0.2, 0.3, 0.4]),
  ]

  @Test(arguments: tables)
  func `warm-up rises to the peak and the schedule falls from it`(
    schedule: LearningRateSchedule, warmup: Int, updates: Int, expected: [Double]
  ) {
    let rate = LearningRate(
      TrainingPlan(
        steps: 4, learningRate: 0.8, warmupSteps: warmup, schedule: schedule, updatesPerStep: updates))
    for (done, value) in expected.enumerated() {
      #expect(abs(rate.value(after: done) - value) < 1e-7, "after \(done)")
    }
  }

  @Test(arguments: LearningRateSchedule.allCases)
  func `past the last step the rate is neither negative nor rising`(schedule: LearningRateSchedule) {
    let rate = LearningRate(TrainingPlan(steps: 3, learningRate: 1, schedule: schedule))
    let end = rate.value(after: 3)
    #expect(end == (schedule == .constant ? 1 : 0))
    for done in 4..<10 { #expect(rate.value(after: done) == end) }
  }
}
