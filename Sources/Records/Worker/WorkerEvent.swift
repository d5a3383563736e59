/// What a worker reports: one JSON object a line on its standard output. `operant` renders the stream, and
/// the service reads the same one.
package enum WorkerEvent: Sendable, Hashable, Codable {
  /// A phase has begun; the text says what is being waited for.
  case phase(Phase, detail: String)
  case modelLoaded(ModelSummary)
  /// The run begins or goes on: at which step, of how many.
  case runStarted(RunSummary)
  /// Part of a phase is done, for a bar inside a step.
  case progress(Phase, done: Int, of: Int)
  case step(StepRecord, StepTiming, tokensPerSecond: Double, sample: SampleView?)
  case evaluation(step: Int, EvaluationSummary)
  case checkpoint(step: Int, path: String)
  /// What the grader gave for answers that deserve nothing.
  case canaries(step: Int, CanaryReport)
  /// The reward may be gamed.
  case alarm(Alarm)
  case warning(String)
  /// The last event of a training run.
  case runEnded(RunEnd)
  case comparison(Comparison)
  case evaluated(EvaluationSummary)
  /// A piece of the text of one answer, as it is sampled.
  case text(index: Int, String)
  case generated(GeneratedText)
  case scored(ScoredText)
  case exported(path: String, format: ExportFormat)
  /// The last event of a worker that failed; it then exits with the failure's exit code.
  case failed(WorkerFailure)
}

/// What a worker is busy with.
package enum Phase: String, Sendable, Hashable, Codable, CaseIterable {
  case loading, sampling, grading, updating, evaluating, checkpointing, exporting
}

/// A loaded model, in figures.
package struct ModelSummary: Sendable, Hashable, Codable {
  package var name: String
  package var architecture: String
  package var parameters: Int
  package var trainableParameters: Int
  package var dtype: ComputeType
  package var seconds: Double

  package init(
    name: String, architecture: String, parameters: Int, trainableParameters: Int, dtype: ComputeType,
    seconds: Double
  ) {
    self.name = name
    self.architecture = architecture
    self.parameters = parameters
    self.trainableParameters = trainableParameters
    self.dtype = dtype
    self.seconds = seconds
  }
}

/// A run at its start.
package struct RunSummary: Sendable, Hashable, Codable {
  package var name: String
  package var folder: String
  package var firstStep: Int
  package var steps: Int
  package var trainExamples: Int
  package var heldOutExamples: Int
  /// Whether code of graders and answers is kept in a sandbox, where there is any.
  package var isSandboxed: Bool

  package init(
    name: String, folder: String, firstStep: Int, steps: Int, trainExamples: Int, heldOutExamples: Int,
    isSandboxed: Bool = true
  ) {
    self.name = name
    self.folder = folder
    self.firstStep = firstStep
    self.steps = steps
    self.trainExamples = trainExamples
    self.heldOutExamples = heldOutExamples
    self.isSandboxed = isSandboxed
  }
}

/// A sampled answer with its grade, for a person to read.
package struct SampleView: Sendable, Hashable, Codable {
  package var prompt: String
  package var answer: String
  package var grade: Grade
  package var tokens: Int
  package var stopReason: StopReason

  package init(prompt: String, answer: String, grade: Grade, tokens: Int, stopReason: StopReason) {
    self.prompt = prompt
    self.answer = answer
    self.grade = grade
    self.tokens = tokens
    self.stopReason = stopReason
  }
}

/// How a training run ended.
package struct RunEnd: Sendable, Hashable, Codable {
  /// Why a run ended without having failed.
  package enum Reason: String, Sendable, Hashable, Codable {
    case allSteps = "all_steps"
    case plateau
    case interrupted
    /// An alarm ended it; the policy is that of the last step.
    case alarm
    /// An alarm ended it; the policy is that of the newest step without anything out of the ordinary.
    case rolledBack = "rolled_back"
  }
  package var reason: Reason
  package var step: Int
  package var folder: String
  /// Paths of exported models, by format.
  package var exports: [String: String]
  package var seconds: Double
  package var peakMemoryBytes: Int

  package init(
    reason: Reason, step: Int, folder: String, exports: [String: String], seconds: Double,
    peakMemoryBytes: Int
  ) {
    self.reason = reason
    self.step = step
    self.folder = folder
    self.exports = exports
    self.seconds = seconds
    self.peakMemoryBytes = peakMemoryBytes
  }
}

/// One finished answer.
package struct GeneratedText: Sendable, Hashable, Codable {
  package var index: Int
  package var prompt: Int
  package var text: String
  package var tokens: [Int32]
  package var logProbabilities: [Float]
  package var stopReason: StopReason

  package init(
    index: Int, prompt: Int, text: String, tokens: [Int32], logProbabilities: [Float],
    stopReason: StopReason
  ) {
    self.index = index
    self.prompt = prompt
    self.text = text
    self.tokens = tokens
    self.logProbabilities = logProbabilities
    self.stopReason = stopReason
  }
}

/// A text's ids and the log-probability of each given those before it; the first has none.
package struct ScoredText: Sendable, Hashable, Codable {
  package var ids: [Int32]
  package var logProbabilities: [Float?]

  package init(ids: [Int32], logProbabilities: [Float?]) {
    self.ids = ids
    self.logProbabilities = logProbabilities
  }
}

/// Why a worker could not do what it was asked.
package struct WorkerFailure: Error, Sendable, Hashable, Codable {
  /// Names the boundary that failed; decides the exit code and what a supervisor does next.
  package enum Kind: String, Sendable, Hashable, Codable {
    /// The request itself is wrong: exit code 2, not worth another try.
    case usage
    case model, data, grading, training, memory, storage
    /// A limit of the plan was passed: the run stopped itself.
    case limit
    /// An alarm after which a person is to look first; the run goes on when it is resumed.
    case paused
    case other
  }
  package var kind: Kind
  /// A sentence: what was given, what was expected, what to do.
  package var message: String
  /// The field of a command that is wrong, where it is one.
  package var field: String?

  package init(_ kind: Kind, _ message: String, field: String? = nil) {
    self.kind = kind
    self.message = message
    self.field = field
  }

  package var exitCode: Int32 { kind == .usage ? 2 : 1 }
}
