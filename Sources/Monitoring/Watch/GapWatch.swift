import Foundation
import Records

/// Whether the reward runs away from the graders that are not trained on.
struct GapWatch {
  let plan: GapPlan

  init(_ plan: GapPlan) { self.plan = plan }

  func shifts(from before: StepSignals, to now: StepSignals?) -> [Shift] {
    guard let now else { return [] }
    return now.gaps.compactMap { entry in
      guard let first = before.gaps.first(where: { $0.name == entry.name })?.moments,
        let growth = entry.moments.rise(since: first)
      else { return nil }
      let stops = growth >= plan.stop
      return Shift(progress: growth / plan.warn) { step in
        Alarm(
          .gap, subject: entry.name, step: step, value: entry.moments.mean, baseline: first.mean,
          limit: stops ? plan.stop : plan.warn, action: stops ? plan.action : .warn,
          message: """
            the reward has run away from the held-out grader '\(entry.name)': trained minus held-out was \
            \(figure(first.mean)) at the first step and is \(figure(entry.moments.mean)) over the last \
            \(plan.window), a growth beyond \(figure(stops ? plan.stop : plan.warn)). The policy is paid for \
            something that '\(entry.name)' does not see
            """)
      }
    }
  }
}

/// Two decimals, as sentences have them.
func figure(_ value: Double) -> String { String(format: "%.2f", value) }
