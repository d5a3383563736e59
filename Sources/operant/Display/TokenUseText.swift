import Records

/// Rows about right answers and their tokens, for a table of one or two policies.
struct TokenUseText {
  let name: String
  let base: Interval?
  let tuned: Interval?
  let gain: Interval?
  let write: @Sendable (Double) -> String

  /// The rows that have something to say: those of the thinking block only where there is one, the share of right
  /// answers only where it is not that of full marks.
  static func rows(
    _ base: EvaluationSummary?, _ tuned: EvaluationSummary, _ gain: TokenUseGain?
  ) -> [TokenUseText] {
    let one: @Sendable (Double) -> String = { Figures.fixed($0, 1) }
    var rows: [TokenUseText] = []
    func add(
      _ name: String, _ part: (MeasuredTokenUse) -> Interval?, _ gain: Interval?,
      _ write: @escaping @Sendable (Double) -> String
    ) {
      rows.append(
        TokenUseText(
          name: name, base: base?.tokenUse.flatMap(part), tuned: tuned.tokenUse.flatMap(part), gain: gain,
          write: write))
    }
    let isFullMarks = [base, tuned].compactMap { $0 }.allSatisfy { $0.tokenUse?.rightShare == $0.fullMarks }
    if !isFullMarks { add("right", \.rightShare, gain?.rightShare, Figures.percent) }
    add("tokens if right", \.ofRight, gain?.ofRight, one)
    let thinks = [base, tuned].contains { ($0?.tokenUse?.thinking?.mean ?? 0) > 0 }
    if thinks {
      add("  thinking", \.thinking, gain?.thinking, one)
      add("  after it", \.answer, gain?.answer, one)
      add("  thinking if right", \.thinkingOfRight, nil, one)
      add("  after it if right", \.answerOfRight, nil, one)
    }
    return rows.filter { $0.base != nil || $0.tuned != nil }
  }
}
