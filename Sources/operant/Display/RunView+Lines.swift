import Monitoring
import Records

extension RunView {
  /// The block that is drawn in place.
  func lines(columns: Int, rows: Int, now: Double, paint: Paint) -> [String] {
    var lines: [String] = []
    if let head { lines.append(paint.bold(head)) }
    lines.append(bar(columns: columns, now: now, paint: paint))
    lines.append(waiting(now: now))
    if let finishing { lines.append(paint.yellow(finishing)) }
    if let curve = curve(columns: columns) { lines.append(curve) }
    if !steps.isEmpty {
      lines.append("")
      lines.append(paint.dim(StepColumns.heading))
      for step in steps.suffix(max(1, min(6, rows - 20))) {
        lines.append(StepColumns.row(step.record, step.timing, tokensPerSecond: step.rate))
      }
    }
    lines += rewardLines(paint)
    if let sample, rows - lines.count > 8 {
      let room = min(12, rows - lines.count - 6)
      lines.append("")
      lines += SampleText.lines(sample, columns: columns, promptLines: 3, answerLines: max(1, room - 3))
    }
    if let alarm = alarms.last {
      lines.append(paint.red(Terminal.harmless(DefenceText.line(alarm)).replacing("\n", with: " ")))
    }
    if let warning = warnings.last {
      lines.append(paint.yellow("warning: " + Terminal.harmless(warning).replacing("\n", with: " ")))
    }
    return lines.prefix(max(1, rows - 1)).map { paint.cut($0, to: columns) }
  }

  /// Parts of the last step's reward, graders that only watch, failed grades, and what canaries were paid.
  private func rewardLines(_ paint: Paint) -> [String] {
    var lines: [String] = []
    if let record = steps.last?.record {
      let parts = record.subRewards.map { "\($0.name) \(Figures.fixed($0.value, 3))" }
      if !parts.isEmpty { lines.append(paint.dim("parts ") + parts.joined(separator: "  ")) }
      let heldOut = record.signals.heldOut.map { "\($0.name) \(Figures.fixed($0.moments.mean, 3))" }
      if !heldOut.isEmpty { lines.append(paint.dim("held-out graders ") + heldOut.joined(separator: "  ")) }
      if let failures = DefenceText.failures(record) {
        lines.append(paint.yellow(Terminal.harmless(failures)))
      }
    }
    if let canaries {
      let best = canaries.report.entries.filter(\.reward.isFinite).max { $0.reward < $1.reward }
      let text =
        best.map { "paid at most \(Figures.fixed($0.reward, 2)), for \($0.canary.title)" } ?? "not graded"
      lines.append(paint.dim("canaries ") + text)
    }
    return lines
  }

  private var head: String? {
    var parts: [String] = []
    if let run { parts.append(run.name) }
    if let model {
      parts.append("\(model.name), \(Figures.count(model.parameters)) parameters")
      if model.trainableParameters > 0 {
        parts.append("\(Figures.count(model.trainableParameters)) trained")
      }
      parts.append(model.dtype.rawValue)
    }
    if let run { parts.append("\(run.trainExamples) rows, \(run.heldOutExamples) held out") }
    if run?.isSandboxed == false { parts.append(DefenceText.noSandbox) }
    return parts.isEmpty ? nil : parts.joined(separator: " · ")
  }

  private func bar(columns: Int, now: Double, paint: Paint) -> String {
    guard let run else { return "elapsed \(Figures.duration(now))" }
    // A step in the making counts by halves: sampling is mostly the first, updating the second.
    let within =
      progress.map { part in
        let share = part.of > 0 ? min(1, Double(part.done) / Double(part.of)) : 0
        return switch phase?.phase {
        case .sampling: 0.5 * share
        case .updating: 0.5 + 0.5 * share
        default: 0
        }
      } ?? 0
    let share = run.steps > 0 ? min(1, (Double(stepsDone) + within) / Double(run.steps)) : 0
    let left = secondsLeft.map { "  left \(Figures.duration($0))" } ?? ""
    let tail =
      " \(min(stepsDone, run.steps))/\(run.steps) steps \(Figures.percent(share))  elapsed \(Figures.duration(now))\(left)"
    let width = max(8, min(40, columns - TextWidth.of(tail)))
    let full = Int(share * Double(width))
    return paint.green(String(repeating: "█", count: full))
      + paint.dim(String(repeating: "░", count: width - full)) + tail
  }

  private func waiting(now: Double) -> String {
    guard let phase else { return "waiting for the worker" }
    var text = phase.phase.rawValue
    if !phase.detail.isEmpty { text += " " + Terminal.harmless(phase.detail) }
    if let progress { text += " \(progress.done)/\(progress.of)" }
    let seconds = now - phase.since
    return seconds >= 2 ? text + " for \(Figures.duration(seconds))" : text
  }

  private func curve(columns: Int) -> String? {
    guard let first = rewards.first, let last = rewards.last, rewards.count > 1 else { return nil }
    var text =
      "reward " + Figures.sparkline(rewards, width: max(4, min(40, columns / 3)))
      + " \(Figures.fixed(first, 3)) → \(Figures.fixed(last, 3))"
    if let evaluation = evaluations.last {
      let start = evaluations.first.map { Figures.fixed($0.summary.reward.mean, 3) + " → " } ?? ""
      text +=
        "   held out \(evaluations.count > 1 ? start : "")\(Figures.fixed(evaluation.summary.reward.mean, 3))"
      text += " (step \(evaluation.step))"
    }
    return text
  }
}
