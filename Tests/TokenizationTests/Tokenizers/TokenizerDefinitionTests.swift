import Checkpoints
import Records
import Testing

@testable import Tokenization

struct TokenizerDefinitionTests {
  private static let llamaPattern =
    #"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"#

  private func document(
    preTokenizer: JSONValue = ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
    normalizer: JSONValue = .null, model changes: [String: JSONValue] = [:]
  ) -> JSONValue {
    let vocabulary: JSONValue = ["a": 0, "b": 1, "ab": 2]
    var body = JSONObject()
    body["type"] = "BPE"
    body["vocab"] = vocabulary
    body["merges"] = ["a b"]
    for (key, value) in changes { body[key] = value }
    return [
      "added_tokens": [["id": 3, "content": "<|im_end|>", "special": true, "normalized": false]],
      "normalizer": normalizer, "pre_tokenizer": preTokenizer, "decoder": ["type": "ByteLevel"],
      "model": .object(body),
    ]
  }

  private func split(_ pattern: String) -> JSONValue {
    [
      "type": "Sequence",
      "pretokenizers": [
        ["type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated", "invert": false],
        ["type": "ByteLevel", "add_prefix_space": false, "use_regex": false],
      ],
    ]
  }

  @Test func `the pre-tokenizer is known by its steps and pattern`() throws {
    let digits: JSONValue = [
      "type": "Sequence",
      "pretokenizers": [
        ["type": "Digits", "individual_digits": true],
        ["type": "ByteLevel", "add_prefix_space": false, "use_regex": true],
      ],
    ]
    let single = Self.llamaPattern.replacing("{1,3}", with: "")
    let cases: [(JSONValue, PreTokenizer)] = [
      (digits, .smollm), (split(Self.llamaPattern), .llamaBPE), (split(single), .qwen2),
      (["type": "ByteLevel", "add_prefix_space": false], .gpt2),
    ]
    for (json, expected) in cases {
      let definition = try TokenizerDefinition(tokenizerJSON: document(preTokenizer: json), file: "t")
      #expect(definition.preTokenizer == expected)
    }
  }

  @Test func `both ways to write merges are read`() throws {
    let pairs = document(model: ["merges": [["a", "b"]], "ignore_merges": true])
    let definition = try TokenizerDefinition(tokenizerJSON: pairs, file: "t")
    #expect(definition.merges == ["a b"])
    #expect(definition.ignoresMerges)
    #expect(definition.stopIDs == [3])
    let tokenizer = try Tokenizer(definition)
    #expect(tokenizer.encode("ab<|im_end|>ba", specialTokens: .parse) == [2, 3, 1, 0])
  }

  @Test func `what is not supported is an error that names the place`() {
    let cases: [(JSONValue, String)] = [
      (document(model: ["type": "Unigram"]), "t: model.type: 'Unigram' is not supported"),
      (document(model: ["byte_fallback": true]), "t: model.byte_fallback: is not supported"),
      (document(normalizer: ["type": "Lowercase"]), "t: normalizer: 'Lowercase' is not supported"),
      (document(preTokenizer: split(#"\w+"#)), #"t: pre_tokenizer: the pattern \w+ is not known"#),
      (
        document(preTokenizer: ["type": "Metaspace"]), "t: pre_tokenizer: expected ByteLevel as the last step"
      ),
      (document(preTokenizer: ["type": "ByteLevel"]), "t: pre_tokenizer: add_prefix_space is not supported"),
      (document(model: ["merges": [1]]), "t: model.merges[0]: expected \"a b\""),
      (["model": 3], "t: model: expected an object, found a number"),
    ]
    for (json, expected) in cases {
      let error = #expect(throws: TokenizerError.self) {
        try TokenizerDefinition(tokenizerJSON: json, file: "t")
      }
      #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "none")")
    }
  }

  @Test func `configuration files add special ids`() throws {
    var definition = try TokenizerDefinition(tokenizerJSON: document(), file: "t")
    definition.adopt(tokenizerConfig: [
      "eos_token": ["content": "<|im_end|>"], "pad_token": "<|im_end|>", "add_bos_token": true,
    ])
    definition.adopt(generationConfig: ["eos_token_id": [3, 2], "bos_token_id": 1])
    #expect(definition.eosID == 3)
    #expect(definition.padID == 3)
    #expect(definition.bosID == 1)
    #expect(definition.stopIDs == [2, 3])
    #expect(definition.addsBOS)
  }

  private var metadata: [String: GGUFValue] {
    [
      "tokenizer.ggml.model": .string("gpt2"), "tokenizer.ggml.pre": .string("qwen2"),
      "tokenizer.ggml.tokens": .strings(["a", "b", "ab", "<|im_end|>", "<tool_call>", "!"]),
      "tokenizer.ggml.token_type": .integers([1, 1, 1, 3, 4, 3]), "tokenizer.ggml.merges": .strings(["a b"]),
      "tokenizer.ggml.eos_token_id": .unsigned(3), "tokenizer.ggml.eot_token_id": .unsigned(2),
    ]
  }

  @Test func `a definition comes out of GGUF metadata`() throws {
    let definition = try TokenizerDefinition(gguf: metadata, file: "m.gguf")
    #expect(definition.preTokenizer == .qwen2)
    #expect(definition.normalizer == .nfc)
    #expect(definition.stopIDs == [2, 3])
    let tokenizer = try Tokenizer(definition)
    #expect(tokenizer.encode("ab<tool_call>!", specialTokens: .parse) == [2, 4, 5])
    #expect(tokenizer.isSpecial(3))
    #expect(!tokenizer.isSpecial(4))
    // The padding token "!" is a byte of the model too, and text that has one must keep it.
    #expect(tokenizer.encode("!", specialTokens: .asText) == [5])
  }

  @Test(arguments: [
    (
      "tokenizer.ggml.model", GGUFValue.string("llama"),
      "m.gguf: tokenizer.ggml.model: 'llama' is not supported"
    ),
    (
      "tokenizer.ggml.pre", .string("tekken"),
      "m.gguf: tokenizer.ggml.pre: the pre-tokenizer 'tekken' is not supported"
    ),
    (
      "tokenizer.ggml.token_type", .integers([1]),
      "m.gguf: tokenizer.ggml.token_type: expected a list of integers"
    ),
    (
      "tokenizer.ggml.eos_token_id", .unsigned(99),
      "m.gguf: tokenizer.ggml.eos_token_id: expected an id below 6"
    ),
  ])
  func `metadata that cannot be used is an error that names the key`(
    key: String, value: GGUFValue, expected: String
  ) {
    var metadata = metadata
    metadata[key] = value
    let error = #expect(throws: TokenizerError.self) {
      try TokenizerDefinition(gguf: metadata, file: "m.gguf")
    }
    #expect(error?.description.hasPrefix(expected) == true, "\(error?.description ?? "none")")
  }
}
