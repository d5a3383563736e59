import Foundation
import Records

/// Whether answers have changed more than a better answer would need to.
struct DriftWatch {
  let plan: DriftPlan

  init(_ plan: DriftPlan) { self.plan = plan }

  func shifts(from before: StepSignals, to now: StepSignals?) -> [Shift] {
    guard let now else { return [] }
    return length(before, now) + shares(before, now) + language(before, now) + update(before, now)
      + parts(before, now)
  }

  private func shift(
    _ signal: Alarm.Signal, _ subject: String = "", progress: Double, value: Double, baseline: Double?,
    limit: Double, _ message: String
  ) -> Shift {
    Shift(progress: progress) { [plan] step in
      Alarm(
        signal, subject: subject, step: step, value: value, baseline: baseline, limit: limit,
        action: plan.action, message: message)
    }
  }

  private func length(_ before: StepSignals, _ now: StepSignals) -> [Shift] {
    guard let rise = now.length.rise(since: before.length), before.length.mean > 0 else { return [] }
    let (old, new) = (figure(before.length.mean), figure(now.length.mean))
    let share = 1 + rise / before.length.mean
    if rise > 0 {
      return [
        shift(
          .length, progress: progress(share, to: plan.lengthAbove), value: now.length.mean,
          baseline: before.length.mean, limit: plan.lengthAbove,
          "answers have grown from \(old) to \(new) tokens; a reward that likes length looks like this")
      ]
    }
    return [
      shift(
        .length, "short", progress: progress(share, to: plan.lengthBelow), value: now.length.mean,
        baseline: before.length.mean, limit: plan.lengthBelow,
        "answers have shrunk from \(old) to \(new) tokens; a reward that can be had for next to nothing looks like this"
      )
    ]
  }

  private func shares(_ before: StepSignals, _ now: StepSignals) -> [Shift] {
    var found: [Shift] = []
    if let rise = now.format.rise(since: before.format) {
      found.append(
        shift(
          .format, progress: -rise / plan.format, value: now.format.mean, baseline: before.format.mean,
          limit: plan.format,
          "answers that the grader can read fell from \(percent(before.format.mean)) to \(percent(now.format.mean))"
        ))
    }
    if let rise = now.repetition.rise(since: before.repetition) {
      found.append(
        shift(
          .repetition, progress: rise / plan.repetition, value: now.repetition.mean,
          baseline: before.repetition.mean, limit: plan.repetition,
          "answers repeat themselves: \(percent(now.repetition.mean)) of their words, \(percent(before.repetition.mean)) at the first step; a reward that counts hits looks like this"
        ))
    }
    if let rise = now.identical.rise(since: before.identical) {
      found.append(
        shift(
          .identical, progress: rise / plan.identical, value: now.identical.mean,
          baseline: before.identical.mean, limit: plan.identical,
          "\(percent(now.identical.mean)) of the answers were given to more than one prompt, \(percent(before.identical.mean)) at the first step; a reward that one answer always wins looks like this"
        ))
    }
    return found
  }

  private func language(_ before: StepSignals, _ now: StepSignals) -> [Shift] {
    guard let (code, _) = before.languages.max(by: { ($0.value, $1.key) < ($1.value, $0.key) }) else {
      return []
    }
    func share(_ signals: StepSignals) -> Moments {
      let total = signals.languages.values.reduce(0, +)
      let count = signals.languages[code] ?? 0
      return Moments((0..<total).lazy.map { $0 < count ? 1 : 0 })
    }
    let (first, last) = (share(before), share(now))
    guard let rise = last.rise(since: first) else { return [] }
    return [
      shift(
        .language, progress: -rise / plan.language, value: last.mean, baseline: first.mean,
        limit: plan.language,
        "answers in the first step's language (\(code)) fell from \(percent(first.mean)) to \(percent(last.mean))"
      )
    ]
  }

  private func update(_ before: StepSignals, _ now: StepSignals) -> [Shift] {
    var found: [Shift] = []
    if let first = before.entropy, let entropy = now.entropy, first > 0 {
      let share = entropy / first
      found.append(
        shift(
          .entropy, progress: progress(share, to: plan.entropy), value: entropy,
          baseline: first, limit: plan.entropy,
          "the policy's entropy fell from \(figure(first)) to \(figure(entropy)) nats: it has stopped trying anything else"
        ))
    }
    if let kl = now.kl {
      found.append(
        shift(
          .kl, progress: kl / plan.kl, value: kl, baseline: before.kl, limit: plan.kl,
          "the policy has moved \(figure(kl)) nats a token from the base model"))
    }
    return found
  }

  private func parts(_ before: StepSignals, _ now: StepSignals) -> [Shift] {
    guard let gain = now.reward.rise(since: before.reward), gain > 0 else { return [] }
    return now.parts.compactMap { part in
      guard let first = before.parts.first(where: { $0.name == part.name })?.moments,
        let rise = part.moments.rise(since: first)
      else { return nil }
      return shift(
        .part, part.name, progress: -rise / plan.part, value: part.moments.mean, baseline: first.mean,
        limit: plan.part,
        "the part '\(part.name)' fell from \(figure(first.mean)) to \(figure(part.moments.mean)) while the reward rose from \(figure(before.reward.mean)) to \(figure(now.reward.mean)): it is being traded for the others"
      )
    }
  }

  /// The share of the way that a multiple has gone to its limit, in logarithms: from all to a half is as far as from a
  /// half to a quarter.
  private func progress(_ multiple: Double, to limit: Double) -> Double {
    let way = log(max(multiple, 1e-12)) / log(max(limit, 1e-12))
    return way.isFinite ? way : 0
  }

  private func percent(_ share: Double) -> String { "\(Int((share * 100).rounded()))%" }
}
