/// A measured mean with its 95% interval.
package struct Interval: Sendable, Hashable, Codable {
  package var mean: Double
  package var low: Double
  package var high: Double

  package init(mean: Double, low: Double, high: Double) {
    self.mean = mean
    self.low = low
    self.high = high
  }
}

/// One policy on a set of held-out Examples.
package struct EvaluationSummary: Sendable, Hashable, Codable {
  package var policyVersion: Int
  package var examples: Int
  package var failedGrades: Int
  package var reward: Interval
  /// Share of answers with full marks.
  package var fullMarks: Interval
  /// Share of answers in the form that the grader reads, whether right or wrong; nil where nothing was graded.
  package var form: Interval?
  /// Share of right answers when nobody minds their form; nil where the grader demands none.
  package var lenient: Interval?
  /// Mean rewards of graders that are not trained on.
  package var heldOut: [Grade.SubReward]
  package var tokens: Interval
  package var truncatedShare: Double
  package var subRewards: [Grade.SubReward]
  /// Right answers and their tokens; nil where nothing was graded, and in records of older versions.
  package var tokenUse: MeasuredTokenUse?

  package init(
    policyVersion: Int, examples: Int, failedGrades: Int, reward: Interval, fullMarks: Interval,
    tokens: Interval, truncatedShare: Double, subRewards: [Grade.SubReward],
    form: Interval? = nil, lenient: Interval? = nil, heldOut: [Grade.SubReward] = [],
    tokenUse: MeasuredTokenUse? = nil
  ) {
    self.policyVersion = policyVersion
    self.examples = examples
    self.failedGrades = failedGrades
    self.reward = reward
    self.fullMarks = fullMarks
    self.form = form
    self.lenient = lenient
    self.heldOut = heldOut
    self.tokens = tokens
    self.truncatedShare = truncatedShare
    self.subRewards = subRewards
    self.tokenUse = tokenUse
  }
}

/// The same Examples answered by base and tuned policy.
package struct Comparison: Sendable, Hashable, Codable {
  package var base: EvaluationSummary
  package var tuned: EvaluationSummary
  /// Tuned minus base, by paired bootstrap over Examples.
  package var rewardGain: Interval
  package var fullMarksGain: Interval
  package var tokensGain: Interval
  package var samples: [SideBySideSample]
  /// Nil where nothing was graded on both sides, and in records of older versions.
  package var tokenUseGain: TokenUseGain?
  /// Whether `base` is no base model but what an earlier run had made of one; nil where it is a base.
  package var isOfStart: Bool?

  package init(
    base: EvaluationSummary, tuned: EvaluationSummary, rewardGain: Interval, fullMarksGain: Interval,
    tokensGain: Interval, samples: [SideBySideSample], tokenUseGain: TokenUseGain? = nil
  ) {
    self.base = base
    self.tuned = tuned
    self.rewardGain = rewardGain
    self.fullMarksGain = fullMarksGain
    self.tokensGain = tokensGain
    self.samples = samples
    self.tokenUseGain = tokenUseGain
  }
}

/// One held-out prompt with the answers of base and tuned policy.
package struct SideBySideSample: Sendable, Hashable, Codable {
  package var prompt: String
  package var baseAnswer: String
  package var baseReward: Double?
  package var tunedAnswer: String
  package var tunedReward: Double?

  package init(
    prompt: String, baseAnswer: String, baseReward: Double?, tunedAnswer: String, tunedReward: Double?
  ) {
    self.prompt = prompt
    self.baseAnswer = baseAnswer
    self.baseReward = baseReward
    self.tunedAnswer = tunedAnswer
    self.tunedReward = tunedReward
  }
}
