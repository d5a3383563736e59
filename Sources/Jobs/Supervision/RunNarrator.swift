internal import Checkpoints
internal import Foundation
internal import Records
internal import Store

/// Tells in a job's events what its run does. Every event has a source, so that what is told again is not kept again.
struct RunNarrator: Sendable {
  let jobID: String
  let plan: Plan
  let run: RunFolder
  /// Paths that are nobody's business outside this machine.
  let privatePaths: [String]
  /// Whether the job came in the words of Bedrock's OpenAI-compatible jobs: only those name a Lambda.
  private let isBedrocks: Bool
  private let parts: GraderParts
  private var valid: [Int: EvaluationSummary]
  /// Seconds of the latest steps.
  private var stepSeconds: [Double] = []
  /// When the run will be done, as far as that can be told.
  private(set) var estimatedFinish: UnixTime?
  /// The worker's own last words.
  private(set) var failure: WorkerFailure?

  init(job: Job, plan: Plan, run: RunFolder, privatePaths: [String]) {
    jobID = job.id
    isBedrocks =
      job.request.value["method"]?["reinforcement"]?["grader"]?["type"]?.string == "lambda"
    self.plan = plan
    self.run = run
    self.privatePaths = privatePaths
    parts = GraderParts(plan.grader)
    valid = RunFigures(run).valid
  }

  /// The events that a worker's event is worth.
  mutating func tell(_ event: WorkerEvent) -> [JobEvent] {
    switch event {
    case .runStarted(let summary):
      guard summary.firstStep > 0 else { return [] }
      return [message(.info, "Training goes on after step \(summary.firstStep)", source: nil)]
    case .step(let record, let timing, _, _):
      estimate(record, timing)
      return isMeasuredAtEnd(record) ? [] : [metrics(record, timing)]
    case .evaluation(let step, let summary):
      valid[step] = summary
      return step == 0 ? [base(summary)] : []
    case .comparison(let comparison): return last(comparison.tuned) + [self.comparison(comparison)]
    case .alarm(let alarm):
      return [message(.warn, clean(alarm.message), source: "alarm \(alarm.key) \(alarm.step)")]
    case .warning(let text):
      let text = clean(text)
      return [message(.warn, text, source: "warning " + Self.hash(text))]
    case .failed(let failure):
      self.failure = failure
      return []
    default: return []
    }
  }

  /// The steps of the journal before one that nobody has told of: a worker that is killed may have done one more than it reported.
  func untold(_ told: Set<String>, before limit: Int) -> [JobEvent] {
    let figures = RunFigures(run)
    let records = figures.records.filter { $0.step < limit && !told.contains(Self.source(of: $0)) }
    return records.map { record in
      metrics(record, figures.timing[record.step], valid: figures.valid[record.step + 1])
    }
  }

  func message(_ level: JobEvent.Level = .info, _ text: String, source: String?) -> JobEvent {
    JobEvent(jobID: jobID, level: level, message: text, source: source)
  }

  /// A text of the worker without the paths of this machine.
  func clean(_ text: String) -> String {
    privatePaths.reduce(text) { $0.replacing($1 + "/", with: "").replacing($1, with: "the run's folder") }
  }

  /// Whether a step's measurement is the one at the run's end: its figures wait for it. A run that ends without one leaves
  /// them to `untold`.
  private func isMeasuredAtEnd(_ record: StepRecord) -> Bool {
    record.step + 1 == plan.training.steps && valid[0] != nil && valid[record.step + 1] == nil
  }

  /// The last step's figures, with what was measured at the end.
  private func last(_ summary: EvaluationSummary) -> [JobEvent] {
    let figures = RunFigures(run)
    guard let record = figures.records.last, record.step + 1 == plan.training.steps else { return [] }
    return [metrics(record, figures.timing[record.step], valid: summary)]
  }

  // MARK: Events

  private static func source(of record: StepRecord) -> String { "step \(record.step)" }

  private static func hash(_ text: String) -> String {
    var hash = StableHash()
    hash.combine(text)
    return hash.hex
  }

  private func metrics(_ record: StepRecord, _ timing: StepTiming?) -> JobEvent {
    metrics(record, timing, valid: valid[record.step + 1])
  }

  private func metrics(_ record: StepRecord, _ timing: StepTiming?, valid: EvaluationSummary?) -> JobEvent {
    var metrics = StepMetrics(plan: plan, parts: parts, record: record, timing: timing, valid: valid)
    if parts.hasJudges { metrics.judgeTokens = judgeTokens(step: record.step) }
    return JobEvent(
      jobID: jobID, kind: .metrics, message: isBedrocks ? metrics.briefMessage : metrics.message,
      data: JSONColumn(metrics.json),
      source: Self.source(of: record))
  }

  /// The journal has no judge's tokens; the graded answers of the step have.
  private func judgeTokens(step: Int) -> [String: JudgeTokens] {
    let groups = (try? run.episodes(step: step).groups) ?? []
    return groups.flatMap(\.episodes).reduce(into: [:]) { sum, episode in
      sum.merge(episode.grade.judgeTokens) { $0 + $1 }
    }
  }

  private func base(_ summary: EvaluationSummary) -> JobEvent {
    JobEvent(
      jobID: jobID,
      message: "Before training, full validation mean reward=\(StepMetrics.two(summary.reward.mean))",
      data: JSONColumn(StepMetrics.checkpoint(step: 0, nil, summary)), source: "evaluation 0")
  }

  private func comparison(_ comparison: Comparison) -> JobEvent {
    let two = StepMetrics.two
    let gain = comparison.rewardGain
    let data: JSONValue = [
      "base_mean_reward": StepMetrics.number(comparison.base.reward.mean),
      "full_valid_mean_reward": StepMetrics.number(comparison.tuned.reward.mean),
      "gain": StepMetrics.number(gain.mean), "gain_low": StepMetrics.number(gain.low),
      "gain_high": StepMetrics.number(gain.high),
    ]
    return JobEvent(
      jobID: jobID,
      message:
        "After training, full validation mean reward=\(two(comparison.tuned.reward.mean)), before \(two(comparison.base.reward.mean)) (gain \(two(gain.mean)), 95% interval \(two(gain.low)) to \(two(gain.high)))",
      data: JSONColumn(data), source: "comparison")
  }

  private mutating func estimate(_ record: StepRecord, _ timing: StepTiming) {
    stepSeconds = (stepSeconds + [timing.total + timing.checkpointing]).suffix(10)
    let mean = stepSeconds.reduce(0, +) / Double(stepSeconds.count)
    let left = Double(max(0, plan.training.steps - record.step - 1)) * mean
    guard left.isFinite else { return }
    estimatedFinish = .now + Int(left.rounded(.up))
  }
}
