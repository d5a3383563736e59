package import Checkpoints
package import Records
internal import Tokenization

/// How long prompts are in tokens, chat template included: for the forecast and the context's limit.
package struct PromptLengths: Sendable, Hashable {
  package let mean: Int
  package let longest: Int

  /// Counts the tokens of the longest prompt and of some others; without a tokenizer, four bytes are one.
  package init(of examples: [Example], model: ModelLocation?) {
    self.init(of: examples, meter: PromptMeter(model))
  }

  init(of examples: [Example], meter: PromptMeter) {
    let stride = max(1, examples.count / 50)
    let some = Swift.stride(from: 0, to: examples.count, by: stride).map { meter.tokens(of: examples[$0]) }
    mean = some.isEmpty ? 0 : some.reduce(0, +) / some.count
    longest = examples.max { meter.bytes(of: $0) < meter.bytes(of: $1) }.map(meter.tokens) ?? 0
  }
}

/// Measures prompts as a model's tokenizer sees them.
struct PromptMeter {
  private let conversations: ConversationRenderer?

  /// A model without a readable tokenizer is refused where its tokens matter; here four bytes are then a token.
  init(_ model: ModelLocation?) {
    conversations = model.flatMap { try? ModelTokenizer($0) }?.conversations
  }

  func tokens(of example: Example) -> Int {
    let prompt = try? conversations?.render(example.messages, tools: example.tools, addGenerationPrompt: true)
    return prompt?.ids.count ?? bytes(of: example) / 4
  }

  func bytes(of example: Example) -> Int { example.messages.reduce(0) { $0 + $1.text.utf8.count } }

  /// Those of the Examples that have more tokens than a limit. Few need to be tokenized: a text has no more tokens than
  /// bytes.
  func longer(than limit: Int, _ examples: [Example]) -> [Int] {
    examples.indices.filter { index in
      let example = examples[index]
      // The template and the tools add what is not in the messages; that is measured only where it may matter.
      let added = 64 * (example.messages.count + 1) + (example.tools.isEmpty ? 0 : limit)
      return bytes(of: example) + added > limit && tokens(of: example) > limit
    }
  }
}
