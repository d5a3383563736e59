/// A prompt and the attempts to sample from it; the attempts share one pass over the prompt.
package struct SampleRequest: Sendable, Hashable {
  package var prompt: [Int32]
  /// One stream an attempt.
  package var streams: [RandomStream]

  package init(prompt: [Int32], streams: [RandomStream]) {
    precondition(!prompt.isEmpty, "a prompt must have at least one token")
    self.prompt = prompt
    self.streams = streams
  }
}

/// How tokens are drawn and when a row ends.
package struct SamplerOptions: Sendable, Hashable {
  package var maxTokens: Int
  package var temperature: Double
  package var topP: Double
  package var topK: Int
  package var minP: Double
  /// Tokens that end an answer; the one that did is part of it.
  package var stopIDs: Set<Int32>
  /// Most rows that decode at once, over all shards.
  package var maxRows: Int

  package init(
    maxTokens: Int, temperature: Double = 1, topP: Double = 1, topK: Int = 0, minP: Double = 0,
    stopIDs: Set<Int32>, maxRows: Int = 64
  ) {
    self.maxTokens = maxTokens
    self.temperature = temperature
    self.topP = topP
    self.topK = topK
    self.minP = minP
    self.stopIDs = stopIDs
    self.maxRows = maxRows
  }

  /// Whether a filter can drop tokens before the draw.
  package var truncatesSupport: Bool { temperature > 0 && (topP < 1 || topK > 0 || minP > 0) }
}

/// What was sampled for one attempt.
package struct SampledAnswer: Sendable, Hashable {
  package var tokens: [Int32] = []
  /// Under the distribution each token was drawn from. `[tokens.count]`
  package var logProbabilities: [Float] = []
  /// Log of the share of probability that the filters kept. `[tokens.count]`
  package var logMasses: [Float] = []
  package var stopReason: StopReason = .truncated

  package init() {}
}

/// Who watches answers while they are sampled; called from the sampler's threads.
package struct SamplingObserver: Sendable {
  /// Sees every token as it is drawn and may end its row; nil when nobody looks at tokens.
  package var token: (@Sendable (_ request: Int, _ attempt: Int, _ token: Int32) -> TokenVerdict)?
  /// Receives every answer as it ends, once.
  package var ended: (@Sendable (_ request: Int, _ attempt: Int, _ answer: SampledAnswer) -> Void)?

  package init(
    token: (@Sendable (_ request: Int, _ attempt: Int, _ token: Int32) -> TokenVerdict)? = nil,
    ended: (@Sendable (_ request: Int, _ attempt: Int, _ answer: SampledAnswer) -> Void)? = nil
  ) {
    self.token = token
    self.ended = ended
  }
}

/// What an observer makes of a token.
package enum TokenVerdict: Sendable, Hashable {
  case goOn
  /// A stop string is complete.
  case stop
}
