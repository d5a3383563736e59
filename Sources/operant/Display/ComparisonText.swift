import Records

/// Base against tuned, as a table with intervals and two answers side by side.
enum ComparisonText {
  static func lines(_ comparison: Comparison, columns: Int) -> [String] {
    let base = comparison.base
    let tuned = comparison.tuned
    let before = comparison.isOfStart == true ? "start" : "base"
    var lines = ["Held-out answers, \(before) against tuned (\(tuned.examples) prompts, 95% intervals)", ""]
    let three = { Figures.fixed($0, 3) }
    let one = { Figures.fixed($0, 1) }
    lines.append(row("", before, "tuned", "gain"))
    lines.append(figures("mean reward", base.reward, tuned.reward, comparison.rewardGain, three))
    lines.append(
      figures("full marks", base.fullMarks, tuned.fullMarks, comparison.fullMarksGain, Figures.percent))
    for (name, part) in [("in form", \EvaluationSummary.form), ("right in any form", \.lenient)] {
      guard let before = base[keyPath: part], let after = tuned[keyPath: part] else { continue }
      lines.append(
        row(
          name, Figures.interval(before, Figures.percent), Figures.interval(after, Figures.percent),
          Figures.signed(after.mean - before.mean, Figures.percent)))
    }
    lines.append(figures("tokens an answer", base.tokens, tuned.tokens, comparison.tokensGain, one))
    if let relative = comparison.tokenUseGain?.relative, relative.mean.isFinite {
      lines.append(
        row("", "", "", Figures.interval(relative) { Figures.signed($0, Figures.percent) }))
    }
    for use in TokenUseText.rows(base, tuned, comparison.tokenUseGain) {
      let figure = { (interval: Interval?) in interval.map { Figures.interval($0, use.write) } ?? "none" }
      let gain = use.gain.map { Figures.interval($0) { Figures.signed($0, use.write) } } ?? ""
      lines.append(row(use.name, figure(use.base), figure(use.tuned), gain))
    }
    lines.append(
      row(
        "cut off", Figures.percent(base.truncatedShare), Figures.percent(tuned.truncatedShare),
        Figures.signed(tuned.truncatedShare - base.truncatedShare, Figures.percent)))
    for part in tuned.subRewards {
      guard let before = base.subRewards.first(where: { $0.name == part.name }) else { continue }
      lines.append(
        row(
          "  " + part.name, three(before.value), three(part.value),
          Figures.signed(part.value - before.value, three)))
    }
    for part in tuned.heldOut {
      guard let before = base.heldOut.first(where: { $0.name == part.name }) else { continue }
      lines.append(
        row(
          "  held out: " + part.name, three(before.value), three(part.value),
          Figures.signed(part.value - before.value, three)))
    }
    if base.failedGrades + tuned.failedGrades > 0 {
      lines.append(row("grading failed", "\(base.failedGrades)", "\(tuned.failedGrades)", ""))
    }
    for sample in comparison.samples.prefix(2) {
      lines.append("")
      lines += self.sample(sample, before: before, columns: columns)
    }
    return lines.map { TextWidth.cut($0, to: columns) }
  }

  private static func row(_ name: String, _ base: String, _ tuned: String, _ gain: String) -> String {
    let cells = [TextWidth.left(name, 18), TextWidth.left(base, 24), TextWidth.left(tuned, 24), gain]
    var line = cells.joined(separator: " ")
    while line.hasSuffix(" ") { line.removeLast() }
    return line
  }

  private static func figures(
    _ name: String, _ base: Interval, _ tuned: Interval, _ gain: Interval, _ write: (Double) -> String
  ) -> String {
    let signed = { Figures.signed($0, write) }
    return row(
      name, Figures.interval(base, write), Figures.interval(tuned, write), Figures.interval(gain, signed))
  }

  private static func sample(_ sample: SideBySideSample, before: String, columns: Int) -> [String] {
    var lines = SampleText.labelled("prompt", Terminal.harmless(sample.prompt), columns: columns, limit: 4)
    let half = (columns - 7) / 2
    guard half >= 24 else {
      for (name, answer, reward) in [
        (before, sample.baseAnswer, sample.baseReward), ("tuned", sample.tunedAnswer, sample.tunedReward),
      ] {
        lines += SampleText.labelled(name, Terminal.harmless(answer), columns: columns, limit: 8)
        lines.append("          reward \(self.reward(reward))")
      }
      return lines
    }
    let base = TextWidth.wrap(Terminal.harmless(sample.baseAnswer), to: half, limit: 10)
    let tuned = TextWidth.wrap(Terminal.harmless(sample.tunedAnswer), to: half, limit: 10)
    let heads = [
      "\(before), reward \(reward(sample.baseReward))", "tuned, reward \(reward(sample.tunedReward))",
    ]
    lines.append("  " + TextWidth.left(heads[0], half) + " │ " + heads[1])
    for index in 0..<max(base.count, tuned.count) {
      let left = index < base.count ? base[index] : ""
      let right = index < tuned.count ? tuned[index] : ""
      lines.append("  " + TextWidth.left(left, half) + " │ " + right)
    }
    return lines
  }

  private static func reward(_ reward: Double?) -> String { reward.map { Figures.fixed($0, 3) } ?? "none" }
}
