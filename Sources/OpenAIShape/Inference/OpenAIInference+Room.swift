import Gateway
import Inference
import Records

extension OpenAIInference {
  /// What one answer that is sent in one piece may hold: tokens, and the alternatives that are told of each. They are all
  /// in memory until the last one is there.
  static let mostEntries = 4_000_000
  private static let usualAnswer = 8192

  /// Turns away what could not be held until it is sent.
  ///
  /// A text counts as a token for each byte and an answer as long as it may become, neither as more than the model's
  /// context; an answer without a limit as `usualAnswer`, since few come to a long context's end.
  func expectRoom(
    for answer: AnswerRequest, _ prompts: [AnswerRequest.Prompt], _ policy: PolicyReference
  ) async throws {
    let context: Int
    do { context = try await answering.contextLength(of: policy.base) } catch {
      throw error.failure(prompt: "prompt")
    }
    let entries = Self.entries(of: answer, prompts, context: context)
    guard entries > Self.mostEntries else { return }
    throw APIFailure(
      .invalid,
      "the answer could have \(entries) tokens, each alternative of \"logprobs\" counted as one; in one piece "
        + "\(Self.mostEntries) can be sent. Ask for fewer prompts, choices, tokens or alternatives at once, or stream",
      param: prompts.count > 1 ? "prompt" : answer.choices > 1 ? "n" : "max_tokens")
  }

  static func entries(of answer: AnswerRequest, _ prompts: [AnswerRequest.Prompt], context: Int) -> Int {
    let drawn = min(answer.maxTokens ?? usualAnswer, context)
    let tokens = prompts.reduce(0) { sum, prompt in
      let read =
        switch prompt {
        case .conversation: 0
        case .text(let text): text.utf8.count
        case .tokens(let ids): ids.count
        }
      return sum + min(context, drawn + (answer.echoesPrompt ? min(context, read) : 0))
    }
    return tokens * answer.choices * (1 + (answer.logProbabilities ?? 0))
  }
}
