import Records

@testable import Inference
@testable import Tokenization

/// A model's text side by hand: every byte is a token, and the tags and ends of turns are tokens of their own.
enum ByteModel {
  static let end: Int32 = 257
  static let thinkOpen: Int32 = 258
  static let thinkClose: Int32 = 259
  private static let added: [(String, special: Bool)] = [
    ("<|im_start|>", true), ("<|im_end|>", true), ("<think>", false), ("</think>", false),
    ("<tool_call>", true), ("</tool_call>", true),
  ]

  static let plainTemplate = ChatTemplate.chatML
  /// Knows thinking and calls, as Qwen's templates do.
  static let thinkingTemplate = """
    {%- if tools %}{{ '<|im_start|>system\\n' }}{% for tool in tools %}{{ tool | tojson }}{% endfor %}
    {{- 'in <tool_call></tool_call><|im_end|>\\n' }}{% endif -%}
    {%- for message in messages -%}
    {{ '<|im_start|>' + message.role + '\\n' }}
    {%- if message.reasoning_content %}{{ '<think>' + message.reasoning_content + '</think>' }}{% endif %}
    {{- message.content + '<|im_end|>\\n' }}
    {%- endfor -%}
    {{- '<|im_start|>assistant\\n' }}
    {%- if enable_thinking is defined and not enable_thinking %}{{ '<think>\\n\\n</think>\\n\\n' }}{% endif %}
    {%- if opens %}{{ '<think>\\n' }}{% endif %}
    """

  static func text(_ template: String = plainTemplate) throws -> ModelText {
    let bytes = (0...255).map { (byte: UInt8) in ByteLevelAlphabet.text(of: [byte]) }
    let tokens = added.enumerated().map { index, token in
      TokenizerDefinition.AddedToken(id: Int32(256 + index), content: token.0, special: token.special)
    }
    let definition = TokenizerDefinition(
      vocabulary: bytes, merges: [], addedTokens: tokens, preTokenizer: .gpt2, eosID: end, stopIDs: [end])
    return ModelText(
      try ModelTokenizer(tokenizer: Tokenizer(definition), templateSource: template, file: "test"))
  }

  /// The ids of an answer's text, tags as their tokens.
  static func ids(_ text: String) throws -> [Int32] {
    try self.text().tokenizer.encode(text, specialTokens: .parse)
  }
}

/// All ways to cut a text into pieces would be too many; these are the single cuts, the bytes one by one, and random ones.
enum Cuts {
  static func of(_ text: String) -> [[String]] {
    let characters = Array(text)
    var cuts: [[String]] = [[text], characters.map { String($0) }]
    for place in characters.indices {
      cuts.append([String(characters[..<place]), String(characters[place...])])
    }
    var random = SplitMix64(seed: UInt64(text.utf8.count))
    for _ in 0..<20 {
      var pieces: [String] = []
      var start = 0
      while start < characters.count {
        let length = 1 + Int(random.next() % 5)
        pieces.append(String(characters[start..<min(characters.count, start + length)]))
        start += length
      }
      cuts.append(pieces)
    }
    return cuts
  }
}
