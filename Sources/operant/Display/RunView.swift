import Records

/// What a display knows of a run so far: events go in, lines come out.
struct RunView {
  private(set) var model: ModelSummary?
  private(set) var run: RunSummary?
  private(set) var steps: [(record: StepRecord, timing: StepTiming, rate: Double)] = []
  /// The reward of every step seen.
  private(set) var rewards: [Double] = []
  private(set) var evaluations: [(step: Int, summary: EvaluationSummary)] = []
  private(set) var sample: SampleView?
  private(set) var warnings: [String] = []
  private(set) var canaries: (step: Int, report: CanaryReport)?
  private(set) var alarms: [Alarm] = []
  private(set) var phase: (phase: Phase, detail: String, since: Double)?
  private(set) var progress: (done: Int, of: Int)?
  private(set) var finishing: String?

  /// Takes in an event; `now` in seconds from the start.
  mutating func take(_ event: WorkerEvent, now: Double) {
    switch event {
    case .phase(let phase, let detail):
      self.phase = (phase, detail, now)
      progress = nil
    case .progress(let phase, let done, let of):
      if self.phase?.phase != phase { self.phase = (phase, "", now) }
      progress = (done, of)
    case .modelLoaded(let summary): model = summary
    case .runStarted(let summary): run = summary
    case .step(let record, let timing, let rate, let sample):
      steps.append((record, timing, rate))
      if steps.count > 8 { steps.removeFirst() }
      rewards.append(record.reward)
      if let sample { self.sample = sample }
      progress = nil
    case .evaluation(let step, let summary): evaluations.append((step, summary))
    case .canaries(let step, let report): canaries = (step, report)
    case .alarm(let alarm): alarms.append(alarm)
    case .warning(let text): warnings.append(text)
    case .checkpoint, .runEnded, .comparison, .evaluated, .text, .generated, .scored, .exported, .failed:
      break
    }
  }

  /// Says that the run was asked to stop.
  mutating func finish(_ text: String) { finishing = text }

  /// Steps that are done, of this run as a whole: counted, whatever number a record has.
  var stepsDone: Int { (run?.firstStep ?? 0) + rewards.count }

  /// Reckoned from the mean time of the last steps; nil before the first.
  var secondsLeft: Double? {
    guard let run, !steps.isEmpty else { return nil }
    let mean = steps.reduce(0) { $0 + $1.timing.total } / Double(steps.count)
    return mean * Double(max(0, run.steps - stepsDone))
  }
}
