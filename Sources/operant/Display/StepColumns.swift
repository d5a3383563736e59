import Records

/// The figures of one step, under their headings: the same for the live table, plain lines and `run show`.
struct StepColumns {
  /// A heading, its width in the table, and how its figure is made.
  struct Column: Sendable {
    let heading: String
    let width: Int
    /// Whether a plain line leaves it out where there is no figure.
    var isOptional = false
    let text: @Sendable (StepRecord, StepTiming?, Double?) -> String
  }

  /// "-" stands where a step measured nothing: no group carried a signal, or no time was kept.
  static let all: [Column] = [
    Column(heading: "step", width: 5) { record, _, _ in "\(record.step)" },
    Column(heading: "reward", width: 7) { record, _, _ in Figures.fixed(record.reward, 3) },
    Column(heading: "full", width: 5) { record, _, _ in Figures.percent(record.fullMarksShare) },
    Column(heading: "length", width: 7) { record, _, _ in Figures.fixed(record.meanTokens, 1) },
    Column(heading: "of right", width: 8, isOptional: true) { record, _, _ in
      (record.tokenUse?.ofRight).map { Figures.fixed($0, 1) } ?? "-"
    },
    Column(heading: "cut", width: 5) { record, _, _ in Figures.percent(record.truncatedShare) },
    Column(heading: "entropy", width: 8) { record, _, _ in
      record.update.map { Figures.fixed($0.entropy, 3) } ?? "-"
    },
    Column(heading: "kl", width: 8) { record, _, _ in
      (record.update?.kl).map(Figures.small) ?? "-"
    },
    Column(heading: "mismatch", width: 9) { record, _, _ in
      record.update.map { Figures.small($0.mismatchMean) } ?? "-"
    },
    Column(heading: "gradient", width: 9) { record, _, _ in
      record.update.map { Figures.fixed($0.gradientNorm, 3) } ?? "-"
    },
    Column(heading: "sample/grade/update", width: 20) { _, timing, _ in
      timing.map {
        [$0.sampling, $0.grading, $0.updating].map { Figures.fixed($0, 1) }.joined(separator: "/") + "s"
      } ?? "-"
    },
    Column(heading: "tok/s", width: 6) { _, _, rate in rate.map { Figures.fixed($0, 0) } ?? "-" },
  ]

  static var heading: String { all.map { TextWidth.right($0.heading, $0.width) }.joined(separator: " ") }

  static func row(_ record: StepRecord, _ timing: StepTiming?, tokensPerSecond: Double?) -> String {
    all.map { TextWidth.right($0.text(record, timing, tokensPerSecond), $0.width) }.joined(separator: " ")
  }

  /// `step 3  done 4/50  reward 0.512  full 12% ...`: one line, the same words in the same order at every step.
  static func line(
    _ record: StepRecord, _ timing: StepTiming, tokensPerSecond: Double, done: String?, secondsLeft: Double?
  ) -> String {
    var parts: [String] = []
    for column in all where !column.heading.contains("/") {
      let figure = column.text(record, timing, tokensPerSecond)
      if !column.isOptional || figure != "-" { parts.append("\(column.heading) \(figure)") }
    }
    if let use = record.tokenUse, let thinking = use.thinking, thinking > 0 {
      parts.append("thinking \(Figures.fixed(thinking, 1))")
    }
    if let done { parts.insert("done \(done)", at: 1) }
    parts.append("sample \(Figures.fixed(timing.sampling, 1))s")
    parts.append("grade \(Figures.fixed(timing.grading, 1))s")
    parts.append("update \(Figures.fixed(timing.updating, 1))s")
    parts.append("\(Figures.fixed(tokensPerSecond, 0)) tok/s")
    if let secondsLeft { parts.append("left \(Figures.duration(secondsLeft))") }
    return parts.joined(separator: "  ")
  }
}
