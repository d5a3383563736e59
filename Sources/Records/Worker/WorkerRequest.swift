/// What `operant` asks `operant-worker` to do: one JSON object on the worker's standard input.
package enum WorkerRequest: Sendable, Hashable, Codable {
  /// Carry out the plan saved in the run folder, from its newest checkpoint when it has one.
  case train(runFolder: String)
  /// Measure a policy on Examples with a grader.
  case evaluate(EvaluationRequest)
  case generate(GenerationRequest)
  /// Answer conversations read from standard input, one JSON list of messages a line, until it ends.
  case chat(GenerationRequest)
  case score(ScoreRequest)
  case export(ExportRequest)
  /// Answer many callers at once.
  case serve(ServeRequest)
}

/// Which weights to load: a model, and the adapter or full weights of a run's checkpoint upon it.
package struct PolicySource: Sendable, Hashable, Codable {
  /// As in `ModelPlan.source`, resolved to a path.
  package var modelPath: String
  package var dtype: ComputeType
  package var device: DeviceChoice
  /// A run folder whose checkpoint is loaded on top; nil for the base model.
  package var runFolder: String?
  /// The checkpoint's step; nil takes the run's newest.
  package var step: Int?

  package init(
    modelPath: String, dtype: ComputeType, device: DeviceChoice = .auto, runFolder: String? = nil,
    step: Int? = nil
  ) {
    self.modelPath = modelPath
    self.dtype = dtype
    self.device = device
    self.runFolder = runFolder
    self.step = step
  }
}

/// Held-out measurement outside a run.
package struct EvaluationRequest: Sendable, Hashable, Codable {
  package var policy: PolicySource
  /// The plan whose data, grader and sampling are used.
  package var plan: Plan
  /// Also measure the base model on the same Examples and compare.
  package var compareWithBase: Bool

  package init(policy: PolicySource, plan: Plan, compareWithBase: Bool) {
    self.policy = policy
    self.plan = plan
    self.compareWithBase = compareWithBase
  }
}

/// Sampling for a person: conversations or plain text to continue.
package struct GenerationRequest: Sendable, Hashable, Codable {
  package var policy: PolicySource
  /// Conversations to answer; empty for `chat`, which reads them from standard input.
  package var conversations: [[Message]]
  /// A text to continue as it stands, special tokens parsed, no template.
  package var rawPrompts: [String]
  package var maxTokens: Int
  package var temperature: Double
  package var topP: Double
  package var topK: Int
  package var minP: Double
  package var stop: [String]
  package var samples: Int
  package var seed: UInt64

  package init(
    policy: PolicySource, conversations: [[Message]], rawPrompts: [String] = [], maxTokens: Int,
    temperature: Double, topP: Double, topK: Int, minP: Double, stop: [String], samples: Int, seed: UInt64
  ) {
    self.policy = policy
    self.conversations = conversations
    self.rawPrompts = rawPrompts
    self.maxTokens = maxTokens
    self.temperature = temperature
    self.topP = topP
    self.topK = topK
    self.minP = minP
    self.stop = stop
    self.samples = samples
    self.seed = seed
  }
}

/// Log-probabilities of the tokens of a text.
package struct ScoreRequest: Sendable, Hashable, Codable {
  package var policy: PolicySource
  package var texts: [String]

  package init(policy: PolicySource, texts: [String]) {
    self.policy = policy
    self.texts = texts
  }
}

/// The forms a tuned model leaves in.
package enum ExportFormat: String, Sendable, Hashable, Codable, CaseIterable {
  /// A PEFT adapter folder.
  case peft
  /// A Hugging Face folder with the adapter folded into the weights.
  case merged
}

/// Writing a run's model for other tools.
package struct ExportRequest: Sendable, Hashable, Codable {
  package var runFolder: String
  package var step: Int?
  package var format: ExportFormat
  package var destination: String

  package init(runFolder: String, step: Int?, format: ExportFormat, destination: String) {
    self.runFolder = runFolder
    self.step = step
    self.format = format
    self.destination = destination
  }
}
