import Checkpoints
import Records
import Tokenization

/// How long prompts are, in tokens, before a chat template: enough for a forecast and for the context's limit.
struct PromptLengths: Sendable, Hashable {
  let mean: Int
  let longest: Int

  /// What a template puts around a message, more or less.
  private static let tokensAroundMessage = 5

  /// Counts the tokens of the longest prompt and of some others; without a tokenizer, four bytes are one.
  init(of examples: [Example], model: ModelLocation?) {
    // A model without a readable tokenizer is refused where its tokens matter.
    let tokenizer = model.flatMap { try? ModelTokenizer.load($0) }
    func length(_ example: Example) -> Int {
      example.messages.reduce(0) { sum, message in
        let text = message.text
        let count = tokenizer?.encode(text, specialTokens: .asText).count ?? text.utf8.count / 4
        return sum + count + Self.tokensAroundMessage
      }
    }
    func bytes(_ example: Example) -> Int { example.messages.reduce(0) { $0 + $1.text.utf8.count } }
    let stride = max(1, examples.count / 50)
    let some = Swift.stride(from: 0, to: examples.count, by: stride).map { length(examples[$0]) }
    mean = some.isEmpty ? 0 : some.reduce(0, +) / some.count
    longest = examples.max { bytes($0) < bytes($1) }.map(length) ?? 0
  }
}
