/// Examples whose prompt leaves no room for an answer.
package struct PromptTooLong: Error, Sendable, Hashable, CustomStringConvertible {
  /// An Example and how many tokens its prompt has.
  package struct Prompt: Sendable, Hashable {
    package var exampleID: String
    package var tokens: Int
  }
  package var prompts: [Prompt]
  package var maxTokens: Int
  package var context: Int

  package var description: String {
    let named = prompts.prefix(5).map { "'\($0.exampleID)' (\($0.tokens) tokens)" }.joined(separator: ", ")
    let rest = prompts.count > 5 ? " and \(prompts.count - 5) more" : ""
    return "\(prompts.count) prompts leave no room for an answer: \(named)\(rest). A prompt and "
      + "sampling.max_tokens (\(maxTokens)) must fit the model's context of \(context) tokens. "
      + "Shorten the rows or lower sampling.max_tokens."
  }
}
