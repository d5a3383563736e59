public import Records

/// One answer as a grader sees it: `sample.*` and `item.*` of a template, and what else a Swift grader may use.
public struct GradingSample: Sendable, Hashable {
  /// The Example that was answered; empty for a sample that belongs to no data set.
  public var exampleID: String
  /// The text of the last policy turn, special tokens left out.
  public var outputText: String
  /// The text read as JSON; nil when it is not JSON from its first to its last character.
  public var outputJSON: JSONValue?
  /// The function calls of the answer.
  public var toolCalls: [ToolCall]
  /// The row's columns other than `messages` and `tools`.
  public var item: JSONObject
  /// The conversation that was answered.
  public var messages: [Message]
  /// How many tokens the policy sampled; nil where nothing was sampled, as in a grader's trial run.
  public var generatedTokens: Int?
  /// How many of them belong to the thinking block, its closing tag included; nil where that was not counted.
  public var thinkingTokens: Int?
  /// The ids that the policy sampled; nil where nothing was sampled.
  public var tokenIDs: [Int32]?
  /// Whether the token limit cut the answer off.
  public var isTruncated: Bool
  /// When in a run it is graded.
  public var moment: GradingMoment

  /// A sample; `outputJSON` is read from the text.
  public init(
    outputText: String, item: JSONObject = JSONObject(), exampleID: String = "",
    toolCalls: [ToolCall] = [], messages: [Message] = [], generatedTokens: Int? = nil,
    thinkingTokens: Int? = nil, isTruncated: Bool = false, moment: GradingMoment = .final
  ) {
    self.exampleID = exampleID
    self.outputText = outputText
    self.outputJSON = Self.json(of: outputText)
    self.toolCalls = toolCalls
    self.item = item
    self.messages = messages
    self.generatedTokens = generatedTokens
    self.thinkingTokens = thinkingTokens
    self.isTruncated = isTruncated
    self.moment = moment
  }

  /// The last answer of an episode, with the row it answers.
  public init(example: Example, episode: Episode, moment: GradingMoment = .final) {
    self.init(
      outputText: episode.outputText, item: example.item, exampleID: example.id,
      messages: example.messages, generatedTokens: episode.generatedCount,
      thinkingTokens: episode.thinkingCount, isTruncated: episode.isTruncated, moment: moment)
    tokenIDs = zip(episode.tokens, episode.lossMask).compactMap { token, isSampled in isSampled ? token : nil
    }
  }

  /// Prose is told from JSON by its first letter, so that most answers cost nothing here.
  private static func json(of text: String) -> JSONValue? {
    guard let first = text.utf8.first(where: { $0 > 0x20 }), "{[\"-0123456789tfn".utf8.contains(first) else {
      return nil
    }
    do throws(JSONSyntaxError) {
      return try JSONValue(parsing: text)
    } catch {
      return nil
    }
  }
}
