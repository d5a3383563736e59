import Records

/// Values for display tests.
enum Samples {
  static func step(_ number: Int, reward: Double = 0.5, update: Bool = true) -> StepRecord {
    StepRecord(
      step: number, policyVersion: number, reward: reward, rewardDeviation: 0.2, fullMarksShare: 0.25,
      subRewards: [Grade.SubReward("format", 0.75)], meanTokens: 48.25, minTokens: 3, maxTokens: 256,
      truncatedShare: 0.03, zeroVarianceShare: 0, failedGrades: 0, episodes: 64, prompts: 8,
      update: update
        ? UpdateRecord(
          loss: 0.1, gradientNorm: 0.45, learningRate: 1e-4, entropy: 1.2345, kl: 0.0123, clippedShare: 0,
          mismatchMean: 0.000031, mismatchMax: 0.01) : nil,
      sampledTokens: 3088, trainedTokens: 3088, exampleIDs: ["a"])
  }

  static func timing(_ number: Int) -> StepTiming {
    StepTiming(step: number, sampling: 4.1, grading: 0.2, updating: 6.04, checkpointing: 0.1, total: 10)
  }

  static let model = ModelSummary(
    name: "smollm2-135m-instruct", architecture: "llama", parameters: 134_515_008,
    trainableParameters: 4_884_480, dtype: .bfloat16, seconds: 1.5)
  static let run = RunSummary(
    name: "support-reply", folder: "/runs/support-reply-1", firstStep: 0, steps: 50, trainExamples: 480,
    heldOutExamples: 120)
  static let sample = SampleView(
    prompt: "Where is my order?", answer: "On its way.\u{1B}[2J Bye",
    grade: Grade(.reward(0.75), subRewards: [Grade.SubReward("format", 1), Grade.SubReward("length", 0.5)]),
    tokens: 12, stopReason: .endOfTurn)

  static func summary(_ reward: Double) -> EvaluationSummary {
    EvaluationSummary(
      policyVersion: 3, examples: 100, failedGrades: 0,
      reward: Interval(mean: reward, low: reward - 0.02, high: reward + 0.02),
      fullMarks: Interval(mean: 0.25, low: 0.2, high: 0.3),
      tokens: Interval(mean: 93.25, low: 90, high: 96.5),
      truncatedShare: 0.1, subRewards: [Grade.SubReward("format", reward)])
  }

  static let comparison = Comparison(
    base: summary(0.4), tuned: summary(0.7), rewardGain: Interval(mean: 0.3, low: 0.27, high: 0.33),
    fullMarksGain: Interval(mean: 0.25, low: 0.2, high: 0.3),
    tokensGain: Interval(mean: -40, low: -45, high: -35),
    samples: [
      SideBySideSample(
        prompt: "Hello?", baseAnswer: "Well, hello there, my friend, how are you today?", baseReward: 0.1,
        tunedAnswer: "Hello.", tunedReward: nil)
    ])

  /// The same of a model that thinks, with a part that says what is right.
  static let thinkingComparison = {
    func around(_ mean: Double, _ half: Double = 2) -> Interval {
      Interval(mean: mean, low: mean - half, high: mean + half)
    }
    let right = Interval(mean: 0.62, low: 0.5, high: 0.7)
    var comparison = Samples.comparison
    comparison.base.tokenUse = MeasuredTokenUse(
      rightShare: right, ofRight: around(40), thinking: around(20), answer: around(21))
    comparison.tuned.tokenUse = MeasuredTokenUse(
      rightShare: right, ofRight: around(30), thinking: around(10), answer: around(20))
    comparison.tokenUseGain = TokenUseGain(
      rightShare: around(0, 0.05), relative: around(-0.43, 0.05), ofRight: around(-10), thinking: around(-10),
      answer: around(-1))
    return comparison
  }()
}
