internal import Foundation
package import Records

/// The learning rate of each optimiser step.
package struct LearningRate: Sendable, Hashable {
  package let plan: TrainingPlan

  package init(_ plan: TrainingPlan) { self.plan = plan }

  /// For the optimiser step after `done` others: linear warm-up to the peak, then the schedule down to zero at
  /// the run's last step.
  package func value(after done: Int) -> Double {
    let total = plan.steps * plan.updatesPerStep
    let warmup = plan.warmupSteps * plan.updatesPerStep
    if done < warmup { return plan.learningRate * Double(done + 1) / Double(warmup) }
    let progress = Double(done - warmup) / Double(max(1, total - warmup))
    return switch plan.schedule {
    case .constant: plan.learningRate
    case .linear: plan.learningRate * max(0, 1 - progress)
    case .cosine: plan.learningRate * (1 + cos(Double.pi * min(1, progress))) / 2
    }
  }
}
