/// Why an episode ended.
public enum StopReason: String, Sendable, Hashable, Codable, CaseIterable {
  /// The policy produced one of the end-of-turn tokens; it is part of the episode and is trained on.
  case endOfTurn = "end_of_turn"
  /// A stop string of the plan appeared in the text.
  case stopString = "stop_string"
  /// The token limit was reached: the answer is cut off.
  case truncated
}

/// A stretch of an episode's tokens with one author.
public struct Turn: Sendable, Hashable, Codable {
  /// Who wrote the tokens of a turn.
  public enum Author: String, Sendable, Hashable, Codable {
    /// Prompt, tool results: not trained on.
    case context
    /// Sampled from the policy.
    case policy
  }
  /// Who wrote the tokens.
  public var author: Author
  /// Range of the episode's tokens, half open.
  public var start: Int
  /// One past the last token.
  public var end: Int
  /// The text of a policy turn as a person reads it, special tokens left out.
  public var text: String
  /// How many tokens of a policy turn belong to its thinking block, the closing tag included; nil where nobody counted.
  public var thinkingTokens: Int?

  /// A stretch from `start` up to, not including, `end`.
  public init(author: Author, start: Int, end: Int, text: String, thinkingTokens: Int? = nil) {
    self.author = author
    self.start = start
    self.end = end
    self.text = text
    self.thinkingTokens = thinkingTokens
  }
}

/// One attempt at an Example: the ids actually seen and sampled, never re-encoded text.
///
/// `tokens`, `lossMask`, `logProbabilities` and `policyVersions` are aligned, all `[T]`.
public struct Episode: Sendable, Hashable, Codable {
  /// The Example this is an attempt at.
  public var exampleID: String
  /// Position of the attempt within its group, from 0.
  public var index: Int
  /// The stretches that make up `tokens`, in order, without gaps.
  public var turns: [Turn]
  /// All ids: prompt, answer, and in later turns whatever the environment added. `[T]`
  public var tokens: [Int32]
  /// True where the token was sampled from the policy. `[T]`
  public var lossMask: [Bool]
  /// Natural log of the probability under the distribution the token was drawn from; 0 where not sampled. `[T]`
  public var logProbabilities: [Float]
  /// Number of optimiser steps of the policy that sampled the token; -1 where not sampled. `[T]`
  public var policyVersions: [Int32]
  /// Log of the share of probability that top-p, top-k and min-p kept when a token was drawn; nil when the plan
  /// uses none of them. Added to `logProbabilities` it gives those of the whole vocabulary. `[T]`
  public var supportLogMasses: [Float]?
  /// Why the last turn ended.
  public var stopReason: StopReason

  /// An episode; the aligned arrays must be of one length.
  public init(
    exampleID: String, index: Int, turns: [Turn], tokens: [Int32], lossMask: [Bool],
    logProbabilities: [Float], policyVersions: [Int32], supportLogMasses: [Float]? = nil,
    stopReason: StopReason
  ) {
    precondition(
      tokens.count == lossMask.count && tokens.count == logProbabilities.count
        && tokens.count == policyVersions.count,
      "an episode's tokens, mask, log-probabilities and policy versions must be of one length")
    self.exampleID = exampleID
    self.index = index
    self.turns = turns
    self.tokens = tokens
    self.lossMask = lossMask
    self.logProbabilities = logProbabilities
    self.policyVersions = policyVersions
    self.supportLogMasses = supportLogMasses
    self.stopReason = stopReason
  }

  /// The text of the last policy turn: what a grader sees as `sample.output_text`.
  public var outputText: String { turns.last { $0.author == .policy }?.text ?? "" }
  /// How many tokens the policy sampled.
  public var generatedCount: Int { lossMask.reduce(0) { $0 + ($1 ? 1 : 0) } }
  /// How many of them belong to thinking blocks; nil where that was not counted in every policy turn.
  public var thinkingCount: Int? {
    turns.reduce(0 as Int?) { sum, turn in
      turn.author == .context ? sum : sum.flatMap { sum in turn.thinkingTokens.map { sum + $0 } }
    }
  }
  /// Whether the answer was cut off by the token limit.
  public var isTruncated: Bool { stopReason == .truncated }
}
