import Checkpoints
import Records
import Tokenization

/// How long prompts are in tokens, chat template included: for the forecast and the context's limit.
struct PromptLengths: Sendable, Hashable {
  let mean: Int
  let longest: Int

  /// Counts the tokens of the longest prompt and of some others; without a tokenizer, four bytes are one.
  init(of examples: [Example], model: ModelLocation?) {
    // A model without a readable tokenizer is refused where its tokens matter.
    let conversations = model.flatMap { try? ModelTokenizer.load($0) }?.conversations
    func length(_ example: Example) -> Int {
      let prompt = try? conversations?.render(
        example.messages, tools: example.tools, addGenerationPrompt: true)
      return prompt?.ids.count ?? bytes(example) / 4
    }
    func bytes(_ example: Example) -> Int { example.messages.reduce(0) { $0 + $1.text.utf8.count } }
    let stride = max(1, examples.count / 50)
    let some = Swift.stride(from: 0, to: examples.count, by: stride).map { length(examples[$0]) }
    mean = some.isEmpty ? 0 : some.reduce(0, +) / some.count
    longest = examples.max { bytes($0) < bytes($1) }.map(length) ?? 0
  }
}
