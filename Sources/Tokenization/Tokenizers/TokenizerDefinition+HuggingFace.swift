package import Records

extension TokenizerDefinition {
  /// The document of a `tokenizer.json` that gives the ids of this tokenizer.
  ///
  /// Added tokens stand in the model's vocabulary as well, as in GPT-2's file: the `tokenizers` package gives
  /// an added token that the vocabulary lacks the next free id, whatever the file says.
  ///
  /// Throws when two ids have one text, which such a file cannot express.
  package func tokenizerJSON() throws(TokenizerError) -> JSONValue {
    let model: [(String, JSONValue)] = [
      ("type", "BPE"), ("dropout", nil), ("unk_token", nil), ("continuing_subword_prefix", nil),
      ("end_of_word_suffix", nil), ("fuse_unk", false), ("byte_fallback", false),
      ("ignore_merges", .bool(ignoresMerges)), ("vocab", .object(try vocabularyJSON())),
      ("merges", .array(try merges.map(Self.mergeJSON))),
    ]
    let members: [(String, JSONValue)] = [
      ("version", "1.0"), ("truncation", nil), ("padding", nil),
      ("added_tokens", .array(addedTokens.sorted { $0.id < $1.id }.map { $0.json(withID: true) })),
      ("normalizer", normalizer == .nfc ? ["type": "NFC"] : nil), ("pre_tokenizer", preTokenizer.json),
      ("post_processor", postProcessorJSON()), ("decoder", PreTokenizer.byteLevel(usesPattern: true)),
      ("model", .object(JSONObject(model))),
    ]
    return .object(JSONObject(members))
  }

  /// The document of a `tokenizer_config.json`; `context` is the longest sequence that the model was made for.
  package func tokenizerConfig(chatTemplate: String, context: Int) -> JSONValue {
    let decoder = addedTokens.sorted { $0.id < $1.id }.map { (String($0.id), $0.json(withID: false)) }
    var config = JSONObject([
      ("tokenizer_class", "PreTrainedTokenizerFast"), ("model_max_length", .integer(context)),
      ("clean_up_tokenization_spaces", false), ("add_bos_token", .bool(addsBOS)), ("add_prefix_space", false),
      ("added_tokens_decoder", .object(JSONObject(decoder))),
    ])
    for (key, value) in specialTokens() { config[key] = value }
    // Also in chat_template.jinja, which readers before transformers 4.44 do not look for.
    config["chat_template"] = .string(chatTemplate)
    return .object(config)
  }

  /// The document of a `special_tokens_map.json`.
  package func specialTokensMap() -> JSONValue { .object(JSONObject(specialTokens())) }

  private func specialTokens() -> [(String, JSONValue)] {
    [("bos_token", bosID), ("eos_token", eosID), ("pad_token", padID)].compactMap { key, id in
      id.flatMap(text).map { (key, .string($0)) }
    }
  }

  private func text(of id: Int32) -> String? {
    if let token = addedTokens.first(where: { $0.id == id }) { return token.content }
    return vocabulary.indices.contains(Int(id)) ? vocabulary[Int(id)] : nil
  }

  private func vocabularyJSON() throws(TokenizerError) -> JSONObject {
    var texts = vocabulary
    for token in addedTokens {
      while texts.count <= Int(token.id) { texts.append(nil) }
      if texts[Int(token.id)] == nil { texts[Int(token.id)] = token.content }
    }
    var object = JSONObject()
    for (id, text) in texts.enumerated() {
      guard let text else { continue }
      if let other = object[text]?.integer {
        throw TokenizerError(
          file: "tokenizer.json", path: "model.vocab",
          message: "the tokens \(other) and \(id) both read '\(text)'; a tokenizer.json has one id for a text"
        )
      }
      object[text] = .integer(id)
    }
    return object
  }

  private static func mergeJSON(_ merge: String) throws(TokenizerError) -> JSONValue {
    let utf8 = merge.utf8
    guard let space = utf8.firstIndex(of: 0x20) else {
      throw TokenizerError(
        file: "tokenizer.json", path: "model.merges",
        message: "'\(merge)' is not two tokens with a space between")
    }
    return [
      .string(String(merge[..<space])), .string(String(merge[utf8.index(after: space)...])),
    ]
  }

  /// ByteLevel alone, or with the BOS in front that a model expects before a text.
  private func postProcessorJSON() -> JSONValue {
    let byteLevel: JSONValue = [
      "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": false, "use_regex": true,
    ]
    guard addsBOS, let bosID, let bos = text(of: bosID) else { return byteLevel }
    func special(_ type: Int) -> JSONValue {
      ["SpecialToken": ["id": .string(bos), "type_id": .integer(type)]]
    }
    func sequence(_ name: String, _ type: Int) -> JSONValue {
      ["Sequence": ["id": .string(name), "type_id": .integer(type)]]
    }
    let token: JSONValue = [
      "id": .string(bos), "ids": [.integer(Int(bosID))], "tokens": [.string(bos)],
    ]
    let template: JSONValue = [
      "type": "TemplateProcessing", "single": [special(0), sequence("A", 0)],
      "pair": [special(0), sequence("A", 0), special(1), sequence("B", 1)],
      "special_tokens": .object(JSONObject([(bos, token)])),
    ]
    return ["type": "Sequence", "processors": [byteLevel, template]]
  }
}

extension TokenizerDefinition.AddedToken {
  fileprivate func json(withID: Bool) -> JSONValue {
    var members: [(String, JSONValue)] = withID ? [("id", .integer(Int(id)))] : []
    members += [
      ("content", .string(content)), ("single_word", .bool(singleWord)), ("lstrip", .bool(lstrip)),
      ("rstrip", .bool(rstrip)), ("normalized", .bool(normalized)), ("special", .bool(special)),
    ]
    return .object(JSONObject(members))
  }
}

extension PreTokenizer {
  /// The steps of a `tokenizer.json`.
  fileprivate var json: JSONValue {
    switch self {
    case .gpt2: return Self.byteLevel(usesPattern: true)
    case .smollm:
      return [
        "type": "Sequence",
        "pretokenizers": [
          ["type": "Digits", "individual_digits": true], Self.byteLevel(usesPattern: true),
        ],
      ]
    case .llamaBPE, .qwen2:
      let split: JSONValue = [
        "type": "Split", "pattern": ["Regex": .string(pattern)], "behavior": "Isolated", "invert": false,
      ]
      return ["type": "Sequence", "pretokenizers": [split, Self.byteLevel(usesPattern: false)]]
    }
  }

  fileprivate static func byteLevel(usesPattern: Bool) -> JSONValue {
    [
      "type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": .bool(usesPattern),
    ]
  }
}
