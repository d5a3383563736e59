import Records

/// How the parts of a combination become one reward.
enum Blend: Sendable {
  /// OpenAI's `calculate_output`, with the schedules whose names it may use beside those of the parts.
  case formula(Formula, source: String, schedules: [String: Scheduled])
  /// The parts with their weights; the reward is the weighted mean.
  case weights([(part: String, weight: Scheduled)])

  /// Whether there is a reward without a part that does not apply.
  var canLeaveOut: Bool { if case .weights = self { true } else { false } }

  /// The combined reward of what the parts count for, by name; parts that do not apply are not among them.
  func reward(_ counted: [String: Double], at moment: GradingMoment) -> Grade.Outcome {
    switch self {
    case .weights(let weights):
      var sum = 0.0
      var total = 0.0
      for (part, weight) in weights {
        guard let value = counted[part] else { continue }
        let weight = weight.value(at: moment)
        sum += weight * value
        total += weight
      }
      guard !counted.isEmpty else {
        return .failed(GradeFailure(.other, "no part applies to this answer", cause: .notApplicable))
      }
      return .reward(sum / total)
    case .formula(let formula, let source, let schedules):
      let values = counted.merging(schedules.mapValues { $0.value(at: moment) }) { $1 }
      let reward = formula.value(values)
      guard !reward.isFinite else { return .reward(reward) }
      let given = formula.names.map { "\($0) = \(values[$0] ?? .nan)" }.joined(separator: ", ")
      return .failed(
        GradeFailure(
          .formulaParse, "the formula '\(source)' gives \(reward) with \(given); expected a finite number"))
    }
  }

  /// The weighted sum of each part's standing within a group, one an answer: `counted` holds a part's values by name.
  func standings(_ counted: [[String: Double]], at moment: GradingMoment) -> [Double] {
    guard case .weights(let weights) = self else {
      preconditionFailure("parts are normalised one by one only where they have weights")
    }
    var sums = [Double](repeating: 0, count: counted.count)
    for (part, weight) in weights {
      let weight = weight.value(at: moment)
      let having = counted.indices.filter { counted[$0][part] != nil }
      for (index, standing) in zip(having, Standing.of(having.compactMap { counted[$0][part] })) {
        sums[index] += weight * standing
      }
    }
    return sums
  }
}
