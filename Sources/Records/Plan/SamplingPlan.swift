/// The tags around a model's thinking, which is counted apart from its answer.
package struct ThinkingPlan: Sendable, Hashable, Codable {
  package var open: String
  package var close: String

  package init(open: String = "<think>", close: String = "</think>") {
    self.open = open
    self.close = close
  }
}

/// How episodes are sampled.
package struct SamplingPlan: Sendable, Hashable, Codable {
  package var promptsPerStep: Int
  package var episodesPerPrompt: Int
  /// Most tokens an episode may sample.
  package var maxTokens: Int
  package var temperature: Double
  /// 1 keeps every token.
  package var topP: Double
  /// 0 keeps every token.
  package var topK: Int
  /// 0 keeps every token.
  package var minP: Double
  /// Texts that end an episode when they appear.
  package var stop: [String]
  /// Most episodes decoded at once; more wait for a row.
  package var maxRows: Int
  /// What a thinking block is; nil counts none.
  package var thinking: ThinkingPlan?

  package init(
    promptsPerStep: Int = 8, episodesPerPrompt: Int = 8, maxTokens: Int = 256, temperature: Double = 1,
    topP: Double = 1, topK: Int = 0, minP: Double = 0, stop: [String] = [], maxRows: Int = 64,
    thinking: ThinkingPlan? = ThinkingPlan()
  ) {
    self.promptsPerStep = promptsPerStep
    self.episodesPerPrompt = episodesPerPrompt
    self.maxTokens = maxTokens
    self.temperature = temperature
    self.topP = topP
    self.topK = topK
    self.minP = minP
    self.stop = stop
    self.maxRows = maxRows
    self.thinking = thinking
  }
}
