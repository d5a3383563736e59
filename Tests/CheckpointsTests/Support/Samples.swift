import Checkpoints
import Records

/// Records with every field set, for round trips.
enum Samples {
  static func plan(name: String = "adding up", steps: Int = 3) -> Plan {
    var plan = Plan(
      name: name, data: DataPlan(train: .file("/data/train.jsonl")),
      grader: ["type": "multi", "graders": ["z": 1, "a": .number(2.0), "m": [true, nil]]])
    plan.training.steps = steps
    return plan
  }

  static func record(_ step: Int, reward: Double = 0.5, update: Bool = true) -> StepRecord {
    StepRecord(
      step: step, policyVersion: step, reward: reward, rewardDeviation: 0.25, fullMarksShare: 0.125,
      subRewards: [Grade.SubReward("exact", 1), Grade.SubReward("format", 0.5)], meanTokens: 20.5,
      minTokens: 3,
      maxTokens: 64, truncatedShare: 0.0625, zeroVarianceShare: 0.375, failedGrades: 1, episodes: 16,
      prompts: 4,
      update: update
        ? UpdateRecord(
          loss: -0.5, gradientNorm: 1.5, learningRate: 1e-5, entropy: 0.75, kl: 0.03125, clippedShare: 0.1,
          mismatchMean: 0.001, mismatchMax: 0.01) : nil,
      sampledTokens: 100 + step, trainedTokens: 90, exampleIDs: ["a", "b"])
  }

  static func timing(_ step: Int) -> StepTiming {
    StepTiming(step: step, sampling: 1, grading: 0.5, updating: 2, checkpointing: 0.25, total: 3.75)
  }

  static func evaluation(_ step: Int, reward: Double = 0.625) -> StepEvaluation {
    let interval = Interval(mean: reward, low: 0.5, high: 0.75)
    return StepEvaluation(
      step: step,
      summary: EvaluationSummary(
        policyVersion: step, examples: 8, failedGrades: 0, reward: interval, fullMarks: interval,
        tokens: Interval(mean: 30, low: 20, high: 40), truncatedShare: 0.25,
        subRewards: [Grade.SubReward("exact", 0.5)]))
  }

  static func group(_ id: String, answers: Int = 2) -> GradedGroup {
    GradedGroup(
      example: Example(
        id: id, messages: [Message(.user, "2 + 2 = ? \u{1F914}\n")], item: JSONObject([("answer", "4")])),
      episodes: (0..<answers).map { index in
        GradedEpisode(
          episode: Episode(
            exampleID: id, index: index,
            turns: [
              Turn(author: .context, start: 0, end: 1, text: ""),
              Turn(author: .policy, start: 1, end: 3, text: "4"),
            ],
            tokens: [1, 2, 3], lossMask: [false, true, true], logProbabilities: [0, -0.1, -1.7e-8],
            policyVersions: [-1, 5, 5], stopReason: .endOfTurn),
          grade: index == 0
            ? Grade(.reward(1), subRewards: [Grade.SubReward("exact", 1)], latencySeconds: 0.5)
            : Grade(.failed(GradeFailure(.pythonRuntime, "division by zero", grader: "exact"))))
      })
  }
}
