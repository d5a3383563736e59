import Records

/// One policy's measurement as a few lines.
enum EvaluationText {
  static func lines(_ summary: EvaluationSummary) -> [String] {
    var lines = [
      "\(summary.examples) held-out prompts, policy version \(summary.policyVersion), 95% intervals"
    ]
    lines.append(row("mean reward", Figures.interval(summary.reward) { Figures.fixed($0, 3) }))
    lines.append(row("full marks", Figures.interval(summary.fullMarks, Figures.percent)))
    if let form = summary.form { lines.append(row("in form", Figures.interval(form, Figures.percent))) }
    if let lenient = summary.lenient {
      lines.append(row("right in any form", Figures.interval(lenient, Figures.percent)))
    }
    lines.append(row("tokens an answer", Figures.interval(summary.tokens) { Figures.fixed($0, 1) }))
    for use in TokenUseText.rows(nil, summary, nil) {
      if let figure = use.tuned { lines.append(row(use.name, Figures.interval(figure, use.write))) }
    }
    lines.append(row("cut off", Figures.percent(summary.truncatedShare)))
    for part in summary.subRewards { lines.append(row("  " + part.name, Figures.fixed(part.value, 3))) }
    for part in summary.heldOut {
      lines.append(row("  held out: " + part.name, Figures.fixed(part.value, 3)))
    }
    if summary.failedGrades > 0 { lines.append(row("grading failed", "\(summary.failedGrades)")) }
    return lines
  }

  private static func row(_ name: String, _ figure: String) -> String {
    TextWidth.left(name, 18) + " " + figure
  }
}
