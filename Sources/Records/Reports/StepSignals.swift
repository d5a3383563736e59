/// Number, mean and variance of some values.
package struct Moments: Sendable, Hashable, Codable {
  package var count: Int
  package var mean: Double
  /// Sum of squared differences from the mean.
  package var squares: Double

  package init(count: Int = 0, mean: Double = 0, squares: Double = 0) {
    self.count = count
    self.mean = mean
    self.squares = squares
  }

  package init(_ values: some Sequence<Double>) {
    self.init()
    for value in values {
      count += 1
      let before = value - mean
      mean += before / Double(count)
      squares += before * (value - mean)
    }
  }

  /// Variance of the mean; infinite for fewer than two values.
  package var variance: Double {
    count < 2 ? .infinity : squares / Double(count - 1) / Double(count)
  }

  /// The moments of both lots together.
  package static func + (a: Moments, b: Moments) -> Moments {
    guard a.count > 0 else { return b }
    guard b.count > 0 else { return a }
    let count = a.count + b.count
    let apart = b.mean - a.mean
    return Moments(
      count: count, mean: a.mean + apart * Double(b.count) / Double(count),
      squares: a.squares + b.squares + apart * apart * Double(a.count) * Double(b.count) / Double(count))
  }
}

/// A named `Moments`.
package struct NamedMoments: Sendable, Hashable, Codable {
  package var name: String
  package var moments: Moments

  package init(_ name: String, _ moments: Moments) {
    self.name = name
    self.moments = moments
  }
}

/// How often one grader failed in one way.
package struct GradeFailureCount: Sendable, Hashable, Codable {
  package var grader: String
  package var kind: GradeFailure.Kind
  package var cause: GradeFailure.Cause?
  package var count: Int

  package init(grader: String, kind: GradeFailure.Kind, cause: GradeFailure.Cause?, count: Int) {
    self.grader = grader
    self.kind = kind
    self.cause = cause
    self.count = count
  }
}

/// What is watched of a step's answers, beside how good they are.
package struct StepSignals: Sendable, Hashable, Codable {
  /// Sampled tokens an answer.
  package var length = Moments()
  package var reward = Moments()
  /// 1 for an answer that the grader could read.
  package var format = Moments()
  /// Share of an answer's words that belong to something said before in it.
  package var repetition = Moments()
  /// 1 for an answer that another prompt of the step got too, letter for letter.
  package var identical = Moments()
  /// Answers by language, where one could be told.
  package var languages: [String: Int] = [:]
  /// The parts of the reward.
  package var parts: [NamedMoments] = []
  /// Graders that are not trained on.
  package var heldOut: [NamedMoments] = []
  /// The trained reward minus each of those, answer by answer.
  package var gaps: [NamedMoments] = []
  package var failures: [GradeFailureCount] = []
  /// Of the update; nil where there was none.
  package var entropy: Double?
  /// Minus the mean log-probability of what was sampled: an estimate of the entropy, for steps without an update, too.
  package var sampledEntropy: Double?
  package var kl: Double?

  package init() {}
}
