/// One line of a run's journal: what a step did. Shares are 0 to 1, times in seconds.
package struct StepRecord: Sendable, Hashable, Codable {
  package var step: Int
  package var policyVersion: Int
  package var reward: Double
  package var rewardDeviation: Double
  package var fullMarksShare: Double
  /// Mean of each part of the reward, in the grader's order.
  package var subRewards: [Grade.SubReward]
  package var meanTokens: Double
  package var minTokens: Int
  package var maxTokens: Int
  package var truncatedShare: Double
  package var zeroVarianceShare: Double
  package var failedGrades: Int
  package var episodes: Int
  package var prompts: Int
  /// The update's measurements; nil when no group carried a signal and nothing was learnt.
  package var update: UpdateRecord?
  /// What is watched beside the reward.
  package var signals: StepSignals
  package var sampledTokens: Int
  package var trainedTokens: Int
  package var exampleIDs: [String]
  /// Right answers and their tokens; nil where nothing was graded, and in journals of older versions.
  package var tokenUse: TokenUse?

  package init(
    step: Int, policyVersion: Int, reward: Double, rewardDeviation: Double, fullMarksShare: Double,
    subRewards: [Grade.SubReward], meanTokens: Double, minTokens: Int, maxTokens: Int,
    truncatedShare: Double, zeroVarianceShare: Double, failedGrades: Int, episodes: Int, prompts: Int,
    update: UpdateRecord?, signals: StepSignals = StepSignals(), sampledTokens: Int, trainedTokens: Int,
    exampleIDs: [String], tokenUse: TokenUse? = nil
  ) {
    self.step = step
    self.policyVersion = policyVersion
    self.reward = reward
    self.rewardDeviation = rewardDeviation
    self.fullMarksShare = fullMarksShare
    self.subRewards = subRewards
    self.meanTokens = meanTokens
    self.minTokens = minTokens
    self.maxTokens = maxTokens
    self.truncatedShare = truncatedShare
    self.zeroVarianceShare = zeroVarianceShare
    self.failedGrades = failedGrades
    self.episodes = episodes
    self.prompts = prompts
    self.update = update
    self.signals = signals
    self.sampledTokens = sampledTokens
    self.trainedTokens = trainedTokens
    self.exampleIDs = exampleIDs
    self.tokenUse = tokenUse
  }
}

/// What the optimiser step measured. Log-probabilities in nats.
package struct UpdateRecord: Sendable, Hashable, Codable {
  package var loss: Double
  package var gradientNorm: Double
  package var learningRate: Double
  /// Mean entropy of the policy's next-token distribution over trained tokens.
  package var entropy: Double
  /// Mean KL divergence from the base model per trained token (k3); nil when it is not measured.
  package var kl: Double?
  package var clippedShare: Double
  /// Mean and largest |sampler's - trainer's log-probability| of the sampled tokens.
  package var mismatchMean: Double
  package var mismatchMax: Double

  package init(
    loss: Double, gradientNorm: Double, learningRate: Double, entropy: Double, kl: Double?,
    clippedShare: Double, mismatchMean: Double, mismatchMax: Double
  ) {
    self.loss = loss
    self.gradientNorm = gradientNorm
    self.learningRate = learningRate
    self.entropy = entropy
    self.kl = kl
    self.clippedShare = clippedShare
    self.mismatchMean = mismatchMean
    self.mismatchMax = mismatchMax
  }
}

/// Where the time of a step went. Kept apart from `StepRecord`, which a resumed run repeats bit for bit.
package struct StepTiming: Sendable, Hashable, Codable {
  package var step: Int
  package var sampling: Double
  package var grading: Double
  package var updating: Double
  /// The checkpoint and held-out measurement at the end of the step before.
  package var checkpointing: Double
  package var total: Double

  package init(
    step: Int, sampling: Double, grading: Double, updating: Double, checkpointing: Double, total: Double
  ) {
    self.step = step
    self.sampling = sampling
    self.grading = grading
    self.updating = updating
    self.checkpointing = checkpointing
    self.total = total
  }
}
