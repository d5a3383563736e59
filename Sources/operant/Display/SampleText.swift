import Records

/// A sampled answer with its grade, as lines of a given width.
enum SampleText {
  static func lines(_ sample: SampleView, columns: Int, promptLines: Int, answerLines: Int) -> [String] {
    labelled("prompt", Terminal.harmless(sample.prompt), columns: columns, limit: promptLines)
      + labelled("answer", Terminal.harmless(sample.answer), columns: columns, limit: answerLines)
      + [TextWidth.cut("  grade   " + grade(sample.grade) + ending(sample), to: columns)]
  }

  /// "0.750 (format 1.000, length 0.500)", or what failed.
  static func grade(_ grade: Grade) -> String {
    switch grade.outcome {
    case .failed(let failure): return "failed: \(Terminal.harmless(failure.description))"
    case .reward(let reward):
      let parts = grade.subRewards.map { "\($0.name) \(Figures.fixed($0.value, 3))" }
      let watched = grade.heldOut.map { "\($0.name) \(Figures.fixed($0.value, 3))" }
      return Figures.fixed(reward, 3) + (parts.isEmpty ? "" : " (\(parts.joined(separator: ", ")))")
        + (watched.isEmpty ? "" : ", held out: \(watched.joined(separator: ", "))")
    }
  }

  private static func ending(_ sample: SampleView) -> String {
    ", \(sample.tokens) tokens" + (sample.stopReason == .truncated ? ", cut off" : "")
  }

  /// A label before the first line, the rest under it.
  static func labelled(_ label: String, _ text: String, columns: Int, limit: Int) -> [String] {
    let lines = TextWidth.wrap(text, to: max(10, columns - 10), limit: limit)
    return (lines.isEmpty ? ["(empty)"] : lines).enumerated().map { index, line in
      "  " + TextWidth.left(index == 0 ? label : "", 8) + line
    }
  }
}
