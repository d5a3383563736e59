import Checkpoints
import Cluster
import Foundation
import Records

/// Writes a run folder as a worker does, with figures that follow from the step.
struct RunWriter {
  let run: RunFolder
  let plan: Plan

  init(_ run: RunFolder, _ plan: Plan) {
    self.run = run
    self.plan = plan
  }

  func report(_ event: WorkerEvent) throws {
    var file = try OutputFile(appendingTo: WorkerAssignment.eventsPath(in: run.path))
    try file.write(Array((WorkerLine.encode(event) + "\n").utf8))
  }

  func status(_ state: RunStatus.State, _ step: Int, reason: String = "") throws {
    var status = try run.status()
    status.state = state
    status.step = step
    status.reason = reason
    status.heartbeat = Date()
    try run.write(status)
  }

  func checkpoint(_ step: Int) throws {
    try run.checkpoints.write(step: step) { try $0.json("run.json", ["step": step]) }
    let kept = try run.checkpoints.steps().filter(plan.checkpoints.isKept)
    try run.checkpoints.prune(keepingNewest: plan.checkpoints.keep, protecting: Set([step] + kept))
    try report(.checkpoint(step: step, path: run.path + "/checkpoints"))
  }

  func step(_ step: Int) -> (StepRecord, StepTiming) {
    let update = UpdateRecord(
      loss: 0.25, gradientNorm: 0.5, learningRate: 1e-4, entropy: 1.5, kl: nil, clippedShare: 0,
      mismatchMean: 0, mismatchMax: 0)
    let record = StepRecord(
      step: step, policyVersion: step, reward: Double(step) / 10, rewardDeviation: 0.1, fullMarksShare: 0,
      subRewards: [], meanTokens: 12, minTokens: 1, maxTokens: 20, truncatedShare: 0, zeroVarianceShare: 0,
      failedGrades: 0, episodes: 16, prompts: 4, update: update, sampledTokens: 192, trainedTokens: 100,
      exampleIDs: [])
    let timing = StepTiming(
      step: step, sampling: 1, grading: 0.5, updating: 2, checkpointing: 0.25, total: 3.5)
    return (record, timing)
  }

  func evaluation(step: Int) -> EvaluationSummary {
    let reward = Double(step) / 10 + 0.05
    return EvaluationSummary(
      policyVersion: step, examples: 4, failedGrades: 1,
      reward: Interval(mean: reward, low: reward, high: reward),
      fullMarks: Interval(mean: 0, low: 0, high: 0), tokens: Interval(mean: 12, low: 12, high: 12),
      truncatedShare: 0, subRewards: [])
  }

  func compare(_ step: Int) throws {
    let gain = Interval(mean: Double(step) / 10, low: 0, high: 1)
    let comparison = Comparison(
      base: evaluation(step: 0), tuned: evaluation(step: step), rewardGain: gain, fullMarksGain: gain,
      tokensGain: gain, samples: [])
    try Data(WorkerLine.encode(comparison).utf8).write(to: URL(filePath: run.path + "/comparison.json"))
    try report(.comparison(comparison))
  }

  func end(_ reason: RunEnd.Reason, _ step: Int) -> WorkerEvent {
    .runEnded(
      RunEnd(reason: reason, step: step, folder: run.path, exports: [:], seconds: 1, peakMemoryBytes: 1))
  }
}
