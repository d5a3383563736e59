import Records

@testable import Tokenization

/// A model's text side that can be worked by hand: a token a byte, two merges, ChatML's two special tokens.
enum ByteModel {
  static let merges = ["a a", "E N"]
  static let start: Int32 = 258
  static let end: Int32 = 259

  static func make() throws -> ModelTokenizer {
    let bytes = (0...255).map { (byte: UInt8) in ByteLevelAlphabet.text(of: [byte]) }
    let added = ["<|im_start|>", "<|im_end|>"].enumerated().map { index, content in
      TokenizerDefinition.AddedToken(id: start + Int32(index), content: content, special: true)
    }
    var definition = TokenizerDefinition(
      vocabulary: bytes + merges.map { $0.replacing(" ", with: "") }, merges: merges, addedTokens: added,
      preTokenizer: .gpt2, normalizer: .none)
    definition.adopt(generationConfig: ["eos_token_id": .integer(Int(end))])
    return try ModelTokenizer(tokenizer: Tokenizer(definition), templateSource: nil, file: "")
  }

  /// The ids of a text's bytes, nothing merged.
  static func ids(_ text: String) -> [Int32] { text.utf8.map { Int32($0) } }
}
