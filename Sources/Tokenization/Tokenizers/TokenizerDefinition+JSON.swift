package import Records

extension TokenizerDefinition {
  /// Reads the document of a `tokenizer.json`; `file` is named in errors.
  ///
  /// What the file cannot say (which tokens are BOS, EOS and padding) comes from `adopt`.
  package init(tokenizerJSON document: JSONValue, file: String) throws(TokenizerError) {
    self = try TokenizerJSONReader(document: document, file: file).definition()
  }

  /// Takes over what `tokenizer_config.json` says: BOS, EOS and padding by content, and whether a BOS is added.
  package mutating func adopt(tokenizerConfig config: JSONValue) {
    func id(_ key: String) -> Int32? {
      let content = config[key]?.string ?? config[key]?["content"]?.string
      return content.flatMap { content in addedTokens.first { $0.content == content }?.id }
    }
    bosID = id("bos_token") ?? bosID
    eosID = id("eos_token") ?? eosID
    padID = id("pad_token") ?? padID
    addsBOS = config["add_bos_token"]?.bool ?? addsBOS
    stopIDs.formUnion([eosID].compactMap { $0 })
  }

  /// Takes over what `generation_config.json` says: `eos_token_id` is one id or a list, and any of it stops.
  package mutating func adopt(generationConfig config: JSONValue) {
    let entry = config["eos_token_id"]
    let ids = (entry?.array ?? [entry].compactMap { $0 }).compactMap {
      $0.integer.flatMap(Int32.init(exactly:))
    }
    stopIDs.formUnion(ids)
    eosID = eosID ?? ids.first
    bosID = bosID ?? config["bos_token_id"]?.integer.flatMap(Int32.init(exactly:))
    padID = padID ?? config["pad_token_id"]?.integer.flatMap(Int32.init(exactly:))
  }
}

private struct TokenizerJSONReader {
  let document: JSONValue
  let file: String

  func definition() throws(TokenizerError) -> TokenizerDefinition {
    guard let model = document["model"], model.object != nil else {
      throw failure("model", "expected an object, found \(document["model"]?.kind ?? "none")")
    }
    try check(model: model)
    let (preTokenizer, hasPrefixSpace) = try self.preTokenizer()
    if hasPrefixSpace {
      throw failure("pre_tokenizer", "add_prefix_space is not supported; expected it to be false")
    }
    try checkDecoder()
    var definition = TokenizerDefinition(
      vocabulary: try vocabulary(model["vocab"]), merges: try merges(model["merges"]),
      addedTokens: try addedTokens(), preTokenizer: preTokenizer, normalizer: try normalizer(),
      ignoresMerges: model["ignore_merges"]?.bool ?? false)
    definition.stopIDs = Set(definition.knownEndIDs)
    definition.addsBOS = addsFirstToken(definition)
    return definition
  }

  private func check(model: JSONValue) throws(TokenizerError) {
    // Files older than 2020 leave the type out.
    let type = model["type"]?.string ?? "BPE"
    guard type == "BPE" else {
      throw failure("model.type", "'\(type)' is not supported; expected 'BPE' (byte-level)")
    }
    for key in ["byte_fallback", "fuse_unk"] where model[key]?.bool == true {
      throw failure("model.\(key)", "is not supported: this is not a byte-level BPE model")
    }
    for key in ["continuing_subword_prefix", "end_of_word_suffix"]
    where !(model[key]?.string ?? "").isEmpty {
      throw failure("model.\(key)", "is not supported; expected it to be empty")
    }
    if let dropout = model["dropout"]?.double, dropout > 0 {
      throw failure("model.dropout", "is not supported; expected null")
    }
  }

  private func vocabulary(_ json: JSONValue?) throws(TokenizerError) -> [String?] {
    guard let object = json?.object else {
      throw failure("model.vocab", "expected an object of token to id, found \(json?.kind ?? "none")")
    }
    var vocabulary: [String?] = []
    vocabulary.reserveCapacity(object.count)
    for (token, value) in object.members {
      // An id far beyond the count is a damaged file, not a vocabulary with gaps.
      guard let id = value.integer, id >= 0, id < object.count * 2 + 100_000 else {
        throw failure("model.vocab", "'\(token)' has no usable id")
      }
      while vocabulary.count <= id { vocabulary.append(nil) }
      vocabulary[id] = token
    }
    return vocabulary
  }

  private func merges(_ json: JSONValue?) throws(TokenizerError) -> [String] {
    guard let entries = json?.array else {
      throw failure("model.merges", "expected a list, found \(json?.kind ?? "none")")
    }
    var merges: [String] = []
    merges.reserveCapacity(entries.count)
    for (index, entry) in entries.enumerated() {
      if let merge = entry.string {
        merges.append(merge)
      } else if let pair = entry.array, pair.count == 2, let left = pair[0].string, let right = pair[1].string
      {
        merges.append(left + " " + right)
      } else {
        throw failure("model.merges[\(index)]", "expected \"a b\" or [\"a\", \"b\"]")
      }
    }
    return merges
  }

  private func addedTokens() throws(TokenizerError) -> [TokenizerDefinition.AddedToken] {
    var tokens: [TokenizerDefinition.AddedToken] = []
    for (index, entry) in (document["added_tokens"]?.array ?? []).enumerated() {
      guard let content = entry["content"]?.string,
        let id = entry["id"]?.integer.flatMap(Int32.init(exactly:)),
        id >= 0
      else { throw failure("added_tokens[\(index)]", "expected an object with id and content") }
      func flag(_ key: String) -> Bool { entry[key]?.bool ?? false }
      tokens.append(
        .init(
          id: id, content: content, special: flag("special"), lstrip: flag("lstrip"), rstrip: flag("rstrip"),
          singleWord: flag("single_word"), normalized: flag("normalized")))
    }
    return tokens
  }

  private func normalizer() throws(TokenizerError) -> TokenizerDefinition.Normalizer {
    switch document["normalizer"] {
    case nil, .null: return .none
    case .some(let normalizer):
      let steps = normalizer["normalizers"]?.array ?? [normalizer]
      let types = steps.map { $0["type"]?.string ?? "none" }
      switch types {
      case []: return .none
      case ["NFC"]: return .nfc
      default:
        let names = types.joined(separator: ", ")
        throw failure("normalizer", "'\(names)' is not supported; expected null or NFC")
      }
    }
  }

  private func checkDecoder() throws(TokenizerError) {
    guard let decoder = document["decoder"], decoder != .null else { return }
    let types = (decoder["decoders"]?.array ?? [decoder]).map { $0["type"]?.string ?? "none" }
    guard types == ["ByteLevel"] else {
      throw failure("decoder", "'\(types.joined(separator: ", "))' is not supported; expected ByteLevel")
    }
  }

  /// Recognises the pre-tokenizer by its steps and their patterns.
  private func preTokenizer() throws(TokenizerError) -> (PreTokenizer, hasPrefixSpace: Bool) {
    guard let json = document["pre_tokenizer"], json != .null else {
      throw failure("pre_tokenizer", "expected a byte-level pre-tokenizer, found none")
    }
    let steps = json["pretokenizers"]?.array ?? [json]
    guard let last = steps.last, last["type"]?.string == "ByteLevel" else {
      throw failure("pre_tokenizer", "expected ByteLevel as the last step, found \(describe(steps))")
    }
    let hasPrefixSpace = last["add_prefix_space"]?.bool ?? true
    let usesPattern = last["use_regex"]?.bool ?? true
    switch (steps.count, usesPattern) {
    case (1, true): return (.gpt2, hasPrefixSpace)
    case (2, true):
      if steps[0]["type"]?.string == "Digits", steps[0]["individual_digits"]?.bool == true {
        return (.smollm, hasPrefixSpace)
      }
    case (2, false):
      if steps[0]["type"]?.string == "Split", steps[0]["behavior"]?.string == "Isolated",
        steps[0]["invert"]?.bool != true, let pattern = steps[0]["pattern"]?["Regex"]?.string
      {
        if let known = Self.patterns[pattern] { return (known, hasPrefixSpace) }
        throw failure(
          "pre_tokenizer", "the pattern \(pattern) is not known; expected that of GPT-2, Llama 3 or Qwen 2")
      }
    default: break
    }
    throw failure(
      "pre_tokenizer",
      "the steps \(describe(steps)) are not known; expected those of SmolLM, GPT-2, Llama 3 or Qwen 2")
  }

  private func describe(_ steps: [JSONValue]) -> String {
    steps.map { $0["type"]?.string ?? "none" }.joined(separator: ", ")
  }

  private static let patterns: [String: PreTokenizer] = Dictionary(
    uniqueKeysWithValues: [.gpt2, .llamaBPE, .qwen2].map { (kind: PreTokenizer) in (kind.pattern, kind) })

  /// Whether the post-processor puts a special token before a text, which is how Llama 3 adds its BOS.
  private func addsFirstToken(_ definition: TokenizerDefinition) -> Bool {
    guard let processor = document["post_processor"] else { return false }
    let steps = processor["processors"]?.array ?? [processor]
    return steps.contains { step in
      step["type"]?.string == "TemplateProcessing" && step["single"]?.array?.first?["SpecialToken"] != nil
    }
  }

  private func failure(_ path: String, _ message: String) -> TokenizerError {
    TokenizerError(file: file, path: path, message: message)
  }
}
