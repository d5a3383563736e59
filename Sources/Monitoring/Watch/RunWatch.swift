package import Records

/// Follows a run's signals and says when they leave what its plan allows. Saved with every checkpoint, so that a
/// resumed run raises the alarms of the uninterrupted one.
///
/// A limit counts as passed when the mean over the plan's window lies beyond it by more than 1.645 standard errors of the
/// samples: a step of 64 answers is noisy enough to pass any limit by chance, and an alarm that is wrong now and then is
/// soon not heard any more.
package struct RunWatch: Sendable, Hashable, Codable {
  /// The signals of the first step.
  package private(set) var baseline: StepSignals?
  /// The newest steps, oldest first, as many as the longer window.
  private var recent: [StepSignals] = []
  /// Alarms that were raised and have not been over since: they are told of once. In an order of its own, as the state of
  /// a repeated run must have the same bytes.
  private var raised: [String] = []
  /// The newest step at which nothing had gone half the way to a limit.
  package private(set) var calmStep = 0

  package init() {}

  /// Takes in a step's signals; `step` counts the steps done with it. Gives the alarms that are new.
  package mutating func take(_ signals: StepSignals, step: Int, plan: DefencePlan) -> [Alarm] {
    guard let baseline else {
      self.baseline = signals
      recent = [signals]
      return []
    }
    recent.append(signals)
    let longest = max(plan.gap.window, plan.drift?.window ?? 0)
    if recent.count > longest { recent.removeFirst(recent.count - longest) }

    var seen: [Shift] = GapWatch(plan.gap).shifts(from: baseline, to: together(plan.gap.window))
    if let drift = plan.drift {
      seen += DriftWatch(drift).shifts(from: baseline, to: together(drift.window))
    }
    if seen.allSatisfy({ $0.progress < 0.5 }) { calmStep = step }
    let passed = seen.filter { $0.progress >= 1 }.map { $0.alarm(step) }
    let new = passed.filter { !raised.contains(Self.key($0)) }
    raised = passed.map(Self.key)
    return new
  }

  /// A warning does not hide the stop that may follow it.
  private static func key(_ alarm: Alarm) -> String { alarm.key + " " + alarm.action.rawValue }

  /// The newest steps as one lot; nil before there are enough.
  private func together(_ window: Int) -> StepSignals? {
    recent.count < window ? nil : StepSignals(together: recent.suffix(window))
  }
}

/// How far a signal has moved, as a share of the way to its limit, and the alarm for when it has passed it.
struct Shift {
  /// 1 and above: passed.
  let progress: Double
  let alarm: (_ step: Int) -> Alarm
}

extension StepSignals {
  /// Several steps as one lot.
  fileprivate init(together steps: some Collection<StepSignals>) {
    self.init()
    for step in steps {
      length = length + step.length
      reward = reward + step.reward
      format = format + step.format
      repetition = repetition + step.repetition
      identical = identical + step.identical
      languages.merge(step.languages) { $0 + $1 }
      parts = Self.joined(parts, step.parts)
      heldOut = Self.joined(heldOut, step.heldOut)
      gaps = Self.joined(gaps, step.gaps)
    }
    let (entropies, divergences) = (steps.compactMap(\.entropy), steps.compactMap(\.kl))
    entropy = entropies.isEmpty ? nil : entropies.reduce(0, +) / Double(entropies.count)
    kl = divergences.isEmpty ? nil : divergences.reduce(0, +) / Double(divergences.count)
  }

  private static func joined(_ a: [NamedMoments], _ b: [NamedMoments]) -> [NamedMoments] {
    var all = a
    for entry in b {
      if let known = all.firstIndex(where: { $0.name == entry.name }) {
        all[known].moments = all[known].moments + entry.moments
      } else {
        all.append(entry)
      }
    }
    return all
  }
}
