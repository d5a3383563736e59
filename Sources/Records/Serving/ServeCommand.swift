/// What a serving worker is told, a line each.
package enum ServeCommand: Sendable, Hashable, Codable {
  /// Puts an adapter beside the base; answered with `loaded`, or `refused` with the name as its subject. One that is
  /// there already is kept, and one that is being loaded is answered for when it is there.
  case load(PolicyName, AdapterSource)
  /// Forgets an adapter and what is cached of it, once no row uses it.
  case unload(PolicyName)
  case complete(CompletionCommand)
  /// Ends an attempt, or all of a command: answered with `ended` and `.cancelled`, unless it has ended already.
  case cancel(id: UInt64, attempt: Int?)
}

/// A prompt and the attempts to sample from it, each a stream of tokens.
package struct CompletionCommand: Sendable, Hashable, Codable {
  /// Names the command in events; the owner never uses one twice.
  package var id: UInt64
  package var policy: PolicyName
  package var prompt: [Int32]
  /// The seed of each attempt's `RandomStream`. Same seed, same prompt, same options, same policy: same tokens.
  package var seeds: [UInt64]
  /// 0 only scores the prompt.
  package var maxTokens: Int
  /// Tokens before which no stop id can be drawn while there is anything else.
  package var minTokens: Int
  package var temperature: Double
  package var topP: Double
  package var topK: Int
  package var minP: Double
  /// Tokens that end an attempt; the one that did is reported like any other. Under a constraint the model's own count
  /// alone.
  package var stopIDs: [Int32]
  /// Subtracted from the logit of every token that the answer has.
  package var presencePenalty: Double
  /// Subtracted from a token's logit, times the number of times that the answer has it.
  package var frequencyPenalty: Double
  /// Divides positive logits of tokens that prompt or answer have, multiplies negative ones (Keskar et al. 2019); 1 for
  /// none.
  package var repetitionPenalty: Double
  /// Added to logits.
  package var bias: [TokenBias]
  /// How many of the most likely tokens are reported with every token; nil for the token's own alone.
  package var topCount: Int?
  /// Whether every token of the prompt is scored, with `topCount` of the most likely ones.
  package var scoresPrompt: Bool
  /// What the answer must be; nil for anything.
  package var constraint: ResponseConstraint?

  package init(
    id: UInt64, policy: PolicyName = .base, prompt: [Int32], seeds: [UInt64], maxTokens: Int,
    minTokens: Int = 0, temperature: Double = 1, topP: Double = 1, topK: Int = 0, minP: Double = 0,
    stopIDs: [Int32], presencePenalty: Double = 0, frequencyPenalty: Double = 0,
    repetitionPenalty: Double = 1, bias: [TokenBias] = [], topCount: Int? = nil, scoresPrompt: Bool = false,
    constraint: ResponseConstraint? = nil
  ) {
    self.id = id
    self.policy = policy
    self.prompt = prompt
    self.seeds = seeds
    self.maxTokens = maxTokens
    self.minTokens = minTokens
    self.temperature = temperature
    self.topP = topP
    self.topK = topK
    self.minP = minP
    self.stopIDs = stopIDs
    self.presencePenalty = presencePenalty
    self.frequencyPenalty = frequencyPenalty
    self.repetitionPenalty = repetitionPenalty
    self.bias = bias
    self.topCount = topCount
    self.scoresPrompt = scoresPrompt
    self.constraint = constraint
  }
}

/// What is added to the logit of a token.
package struct TokenBias: Sendable, Hashable, Codable {
  package var token: Int32
  package var bias: Double

  package init(token: Int32, bias: Double) {
    self.token = token
    self.bias = bias
  }
}
