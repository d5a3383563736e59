import Records
import Testing

@testable import Tokenization

/// What is written for Hugging Face, read back by the reader of Hugging Face's files.
struct HuggingFaceWritingTests {
  static func definition(_ kind: PreTokenizer) -> TokenizerDefinition {
    var vocabulary: [String?] = (0x21...0x7E).map { String(UnicodeScalar(UInt8($0))) }
    vocabulary += ["Ġ", "th", nil, "the"]
    let end = Int32(vocabulary.count)
    return TokenizerDefinition(
      vocabulary: vocabulary, merges: ["t h", "th e"],
      addedTokens: [
        .init(id: end + 1, content: "<|im_end|>", special: true),
        .init(id: end, content: "<s>", special: true, rstrip: true),
        .init(id: 96, content: "<t>", special: false, lstrip: true, singleWord: true, normalized: true),
      ], preTokenizer: kind, normalizer: kind == .qwen2 ? .nfc : .none, ignoresMerges: kind == .llamaBPE,
      bosID: end, eosID: end + 1, padID: end + 1, stopIDs: [end + 1], addsBOS: kind == .llamaBPE)
  }

  @Test(arguments: PreTokenizer.allCases)
  func `a definition written and read again is the same`(kind: PreTokenizer) throws {
    let definition = Self.definition(kind)
    let text = try definition.tokenizerJSON().serialised(.indented(2))
    var again = try TokenizerDefinition(tokenizerJSON: JSONValue(parsing: text), file: "tokenizer.json")
    again.adopt(tokenizerConfig: definition.tokenizerConfig(chatTemplate: "x", context: 10))
    // Added tokens stand in the written vocabulary too, and in the order of their ids.
    var expected = definition
    expected.addedTokens.sort { $0.id < $1.id }
    for token in definition.addedTokens {
      while expected.vocabulary.count <= Int(token.id) { expected.vocabulary.append(nil) }
      expected.vocabulary[Int(token.id)] = token.content
    }
    #expect(again == expected)
    let before = try Tokenizer(definition)
    let after = try Tokenizer(again)
    for string in ["the theft", "a<s> b", "x<t>y <t> z", "<|im_end|>"] {
      #expect(after.encode(string, specialTokens: .parse) == before.encode(string, specialTokens: .parse))
    }
  }

  @Test func `special tokens are named by their texts`() {
    let definition = Self.definition(.gpt2)
    let expected: JSONValue = ["bos_token": "<s>", "eos_token": "<|im_end|>", "pad_token": "<|im_end|>"]
    #expect(definition.specialTokensMap() == expected)
    let config = definition.tokenizerConfig(chatTemplate: "{{ x }}", context: 77)
    #expect(config["model_max_length"] == 77 && config["chat_template"] == "{{ x }}")
    #expect(config["added_tokens_decoder"]?.object?.keys == ["96", "98", "99"])
  }

  @Test func `two ids of one text are an error`() throws {
    var definition = Self.definition(.gpt2)
    definition.vocabulary.append("th")
    definition.addedTokens = []
    let error = #expect(throws: TokenizerError.self) { try definition.tokenizerJSON() }
    #expect(error?.description.contains("both read 'th'") == true)
  }
}
