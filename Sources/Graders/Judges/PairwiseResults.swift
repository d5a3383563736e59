import Records

/// The grades that follow from a group's comparisons.
struct PairwiseResults: Sendable {
  private let grades: [Grade]

  init(_ comparisons: [PairwiseComparison], count: Int, scoring: PairwiseScoring) {
    let played = comparisons.compactMap { comparison in
      comparison.leftScore.map { (comparison.left, comparison.right, $0) }
    }
    let scores = scoring.scores(played, count: count)
    var grades = scores.map { score in Grade(.reward(score ?? 0.5)) }
    var failures = [[GradeFailure]](repeating: [], count: count)
    var asked = [Int](repeating: 0, count: count)
    var contradictions = [Int](repeating: 0, count: count)
    for comparison in comparisons {
      // The tokens of a question belong to the answer it shows first, so that the sum over the group is what was spent.
      grades[comparison.left].add(comparison.straight.tokens)
      grades[comparison.right].add(comparison.swapped.tokens)
      for answer in [comparison.left, comparison.right] {
        asked[answer] += 1
        if let failure = comparison.failure { failures[answer].append(failure) }
        if comparison.isContradictory == true { contradictions[answer] += 1 }
      }
    }
    let bias = Self.positionBias(comparisons)
    for answer in 0..<count {
      let worked = asked[answer] - failures[answer].count
      grades[answer].metrics["comparisons"] = Double(worked)
      grades[answer].metrics["comparisons_failed"] = Double(failures[answer].count)
      if worked > 0 {
        grades[answer].metrics["order_disagreement"] = Double(contradictions[answer]) / Double(worked)
      }
      if let bias { grades[answer].metrics["position_bias"] = bias }
      if let first = failures[answer].first, worked == 0 {
        let all =
          asked[answer] == 1 ? "its only comparison failed" : "all its \(asked[answer]) comparisons failed"
        grades[answer].outcome = .failed(
          GradeFailure(first.kind, "\(all); the first: \(first.message)", cause: first.cause))
      }
    }
    self.grades = grades
  }

  func grade(of answer: Int) -> Grade { grades[answer] }

  /// How much more often the first place wins than the second, -1 to 1: 0 for a judge that looks at the answers alone.
  /// Nil without a verdict other than a tie.
  static func positionBias(_ comparisons: [PairwiseComparison]) -> Double? {
    // Only pairs that worked in both orders: there, every answer has stood in both places once.
    let verdicts = comparisons.filter { $0.leftScore != nil }
      .flatMap { [$0.straight.verdict.success, $0.swapped.verdict.success] }
    let first = verdicts.count { $0 == .first }
    let second = verdicts.count { $0 == .second }
    return first + second == 0 ? nil : Double(first - second) / Double(first + second)
  }
}

extension Grade {
  fileprivate mutating func add(_ tokens: [String: JudgeTokens]) {
    judgeTokens.merge(tokens) { $0 + $1 }
  }
}
