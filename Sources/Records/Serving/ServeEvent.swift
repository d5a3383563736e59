/// What a serving worker reports, a line each; tokens come as `TokenLine`, which is cheaper to read.
package enum ServeEvent: Sendable, Hashable, Codable {
  /// The base model answers from now on.
  case ready(ServedModelFigures)
  case loaded(PolicyName, updates: Int, bytes: Int, seconds: Double)
  case unloaded(PolicyName)
  /// A command could not be carried out: the name of a policy, or the id of a completion as text; empty for a line that
  /// could not be read. A completion may be refused after its first tokens, when memory does not suffice: no further
  /// attempt of it is reported as ended then, and tokens that come still are to be passed over.
  case refused(subject: String, WorkerFailure)
  /// The prompt of a completion has been read: how many of its tokens were cached, and the scores if they were wanted.
  case prompt(id: UInt64, cached: Int, scores: [TokenScore]?)
  /// Of an attempt that wanted a `topCount` above 0: the most likely tokens, before the line with the one that was
  /// drawn.
  case top(id: UInt64, attempt: Int, [TokenScore.Alternative])
  case ended(id: UInt64, attempt: Int, EndReason)
  /// How busy the worker is; about once a second while it works.
  case load(ServeLoad)
  /// The last event of a worker that gives up.
  case failed(WorkerFailure)

  /// Why an attempt ended.
  package enum EndReason: String, Sendable, Hashable, Codable {
    /// A stop id was drawn.
    case stop
    /// `maxTokens`, or the longest sequence.
    case length
    /// The constrained document is whole and the answer cannot go on.
    case complete
    case cancelled
  }
}

/// A served model, in figures.
package struct ServedModelFigures: Sendable, Hashable, Codable {
  package var architecture: String
  package var parameters: Int
  package var vocabulary: Int
  /// The longest sequence.
  package var positions: Int
  package var seconds: Double

  package init(architecture: String, parameters: Int, vocabulary: Int, positions: Int, seconds: Double) {
    self.architecture = architecture
    self.parameters = parameters
    self.vocabulary = vocabulary
    self.positions = positions
    self.seconds = seconds
  }
}

/// A token of a prompt with its log-probability given those before it; the first has none.
package struct TokenScore: Sendable, Hashable, Codable {
  package var token: Int32
  package var logProbability: Float?
  package var top: [Alternative]

  /// A token that was likely in some place.
  package struct Alternative: Sendable, Hashable, Codable {
    package var token: Int32
    package var logProbability: Float

    package init(token: Int32, logProbability: Float) {
      self.token = token
      self.logProbability = logProbability
    }
  }

  package init(token: Int32, logProbability: Float?, top: [Alternative] = []) {
    self.token = token
    self.logProbability = logProbability
    self.top = top
  }
}

/// How busy a serving worker is.
package struct ServeLoad: Sendable, Hashable, Codable {
  /// Rows that decode.
  package var running: Int
  /// Attempts that wait for a row.
  package var waiting: Int
  /// Bytes of keys and values, of rows and of cached prompts.
  package var cacheBytes: Int
  /// Tokens of prompts read, and those of them that were cached, since the start.
  package var promptTokens: Int
  package var cachedTokens: Int
  /// Tokens drawn since the start.
  package var generatedTokens: Int
  package var residentBytes: Int

  package init(
    running: Int = 0, waiting: Int = 0, cacheBytes: Int = 0, promptTokens: Int = 0, cachedTokens: Int = 0,
    generatedTokens: Int = 0, residentBytes: Int = 0
  ) {
    self.running = running
    self.waiting = waiting
    self.cacheBytes = cacheBytes
    self.promptTokens = promptTokens
    self.cachedTokens = cachedTokens
    self.generatedTokens = generatedTokens
    self.residentBytes = residentBytes
  }
}
