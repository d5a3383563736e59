package import Records

/// A conversation to be answered, or a text to be gone on with, whatever API it came through.
package struct AnswerRequest: Sendable, Hashable {
  /// What the model reads.
  package enum Prompt: Sendable, Hashable {
    /// Through the model's chat template.
    case conversation([Message], tools: [JSONValue], templateVariables: JSONObject)
    /// A text as it stands, special tokens parsed.
    case text(String)
    case tokens([Int32])
  }

  /// Which tool a model may or must call.
  package enum ToolChoice: Sendable, Hashable {
    case none, auto, required
    case function(String)
  }

  /// The form of the answer's text.
  package enum Format: Sendable, Hashable {
    case text
    case jsonObject
    /// The schema's text, keys in their order.
    case jsonSchema(name: String, schema: String)
  }

  package var prompt: Prompt
  package var toolChoice: ToolChoice = .auto
  package var allowsParallelToolCalls = true
  package var format: Format = .text
  /// nil: as much as the model's context has room for.
  package var maxTokens: Int?
  package var minTokens = 0
  package var temperature = 1.0
  package var topP = 1.0
  package var topK = 0
  package var minP = 0.0
  package var presencePenalty = 0.0
  package var frequencyPenalty = 0.0
  package var repetitionPenalty = 1.0
  package var bias: [TokenBias] = []
  package var stop: [String] = []
  package var stopIDs: [Int32] = []
  /// Go on behind an end of turn.
  package var ignoresEnd = false
  package var choices = 1
  /// nil draws a seed.
  package var seed: UInt64?
  /// Whether tokens carry their log-probability, and with how many others.
  package var logProbabilities: Int?
  /// Whether every token of the prompt is scored and its text repeated before the answer.
  package var echoesPrompt = false
  /// Whether the text keeps special tokens.
  package var keepsSpecialTokens = false

  package init(prompt: Prompt) { self.prompt = prompt }
}

/// A model as the pool finds it: a base of the catalogue, and an adapter upon it when it was tuned.
package struct PolicyReference: Sendable, Hashable {
  /// The base's name in the catalogue.
  package var base: String
  /// nil for the base itself.
  package var adapter: Adapter?

  /// A run's checkpoint.
  package struct Adapter: Sendable, Hashable {
    package var runFolder: String
    /// nil for its newest.
    package var step: Int?

    package init(runFolder: String, step: Int?) {
      self.runFolder = runFolder
      self.step = step
    }
  }

  package init(base: String, adapter: Adapter? = nil) {
    self.base = base
    self.adapter = adapter
  }
}
