internal import Checkpoints
package import Records
package import Store

/// A job as somebody wants it, whatever API it came through. `JobDesk.submit` makes a `Job` of it.
package struct JobOrder: Sendable, Hashable {
  package var id: String
  package var projectID: String
  package var shape: Job.Shape
  package var name: String?
  /// As it was sent.
  package var request: JSONValue
  /// The base model's name in the catalogue, or a tuned model of the project to go on from.
  package var model: String
  /// Where the tuned model lies that the job goes on from; found when the order is taken.
  var start: Start?
  package var trainingFile: String?
  package var validationFile: String?
  /// Where the rows lie: files of the store, or what an `s3://` address was resolved to.
  package var trainingPath: String
  package var validationPath: String?
  package var seed: Int?
  package var suffix: String?
  package var metadata: JSONValue?
  /// The grader's definition, in our own terms (`GraderCompiler`).
  package var grader: JSONValue
  package var choices: TuningChoices
  /// What the job's models are to be named; nil for `ft:<base>:<project>:<suffix>:<id>`.
  package var modelName: String?
  /// What the client is to know of its request, as events of the job. These and the next are told with the job's first
  /// event and not kept beside it.
  package var remarks: [String] = []
  /// Who asks, for the audit log.
  package var audit: AuditEntry?

  package init(
    id: String, projectID: String, shape: Job.Shape, request: JSONValue, model: String, trainingPath: String,
    grader: JSONValue, choices: TuningChoices = TuningChoices()
  ) {
    self.id = id
    self.projectID = projectID
    self.shape = shape
    self.request = request
    self.model = model
    self.trainingPath = trainingPath
    self.grader = grader
    self.choices = choices
  }
}

extension JobOrder {
  /// A checkpoint of an earlier run.
  struct Start: Sendable, Hashable {
    /// The base model's name in the catalogue.
    var base: String
    var runFolder: String
    /// nil for the run's newest checkpoint.
    var step: Int?

    var path: String { step.map(CheckpointStore(path: runFolder + "/checkpoints").folder) ?? runFolder }
  }

  /// The base model's name in the catalogue, whatever the job goes on from.
  var base: String { start?.base ?? model }
}

/// What a client chose of a run; nil where it left the choice to us (`auto`).
package struct TuningChoices: Sendable, Hashable {
  package var epochs: Int?
  /// Prompts a step.
  package var batchSize: Int?
  /// Scales the rate that we would choose.
  package var learningRateMultiplier: Double?
  /// The rate itself.
  package var learningRate: Double?
  /// Answers to each prompt.
  package var samplesPerPrompt: Int?
  /// Scales the answers to each prompt that we would choose.
  package var computeMultiplier: Double?
  /// Steps from one held-out measurement to the next.
  package var evalInterval: Int?
  /// Answers to each held-out prompt.
  package var evalSamples: Int?
  /// Longer prompts are left out.
  package var maxPromptTokens: Int?
  package var maxTokens: Int?
  package var reasoningEffort: ReasoningEffort?
  /// The form of every answer, as the client wrote it; nil for text.
  package var responseFormat: JSONValue?
  /// Further fields of the plan by path, such as `training.lora.rank`: the extension channel.
  package var overrides: [String: String] = [:]

  package init() {}
}

/// How much a model is to think.
package enum ReasoningEffort: String, Sendable, Hashable, Codable { case low, medium, high }
