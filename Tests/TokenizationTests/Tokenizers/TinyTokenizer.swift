@testable import Tokenization

/// A tokenizer small enough to work by hand: the 256 bytes, a few merges, ChatML's tokens.
enum TinyTokenizer {
  static let merges = ["h e", "l l", "he ll", "hell o", "Ġ hello", "Ġ w", "o r", "Ġw or", "a a", "aa aa"]

  static func definition(
    _ preTokenizer: PreTokenizer = .gpt2, normalizer: TokenizerDefinition.Normalizer = .none,
    added: [(String, special: Bool)] = [
      ("<|im_start|>", true), ("<|im_end|>", true), ("<tool_call>", false), ("<tool_response>", false),
    ]
  ) -> TokenizerDefinition {
    let bytes = (0...255).map { (byte: UInt8) in ByteLevelAlphabet.text(of: [byte]) }
    let vocabulary = bytes + merges.map { $0.replacing(" ", with: "") }
    let tokens = added.enumerated().map { index, token in
      TokenizerDefinition.AddedToken(
        id: Int32(vocabulary.count + index), content: token.0, special: token.special)
    }
    return TokenizerDefinition(
      vocabulary: vocabulary, merges: merges, addedTokens: tokens, preTokenizer: preTokenizer,
      normalizer: normalizer)
  }

  static func make(
    _ preTokenizer: PreTokenizer = .gpt2, normalizer: TokenizerDefinition.Normalizer = .none
  ) throws -> Tokenizer {
    try Tokenizer(definition(preTokenizer, normalizer: normalizer))
  }
}
