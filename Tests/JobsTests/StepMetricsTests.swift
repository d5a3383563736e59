import Records
import Testing

@testable import Jobs

struct StepMetricsTests {
  @Test(
    arguments: [
      (1.5, 0.5, 0.25, 1.5), (nil, 0.5, 0.25, 0.5), (nil, nil, 0.25, 0.25), (nil, nil, nil, nil),
    ] as [(Double?, Double?, Double?, Double?)])
  func `the entropy is the update's, or what the step has sampled tells of it`(
    _ update: Double?, _ signal: Double?, _ sampled: Double?, _ expected: Double?
  ) {
    var signals = StepSignals()
    signals.entropy = signal
    signals.sampledEntropy = sampled
    let record = StepRecord(
      step: 3, policyVersion: 0, reward: 0, rewardDeviation: 0, fullMarksShare: 0, subRewards: [],
      meanTokens: 1, minTokens: 1, maxTokens: 1, truncatedShare: 0, zeroVarianceShare: 1, failedGrades: 0,
      episodes: 1, prompts: 1,
      update: update.map {
        UpdateRecord(
          loss: 0, gradientNorm: 0, learningRate: 0, entropy: $0, kl: nil, clippedShare: 0, mismatchMean: 0,
          mismatchMax: 0)
      }, signals: signals, sampledTokens: 1, trainedTokens: 0, exampleIDs: [])
    let grader: JSONValue = ["type": "regex", "name": "r", "pattern": "x"]
    let plan = Plan(name: "n", data: DataPlan(train: .file("/dev/null")), grader: grader)
    let metrics = StepMetrics(plan: plan, parts: GraderParts(grader), record: record)
    #expect(metrics.json["actor_entropy"]?.double == expected)
  }
}
