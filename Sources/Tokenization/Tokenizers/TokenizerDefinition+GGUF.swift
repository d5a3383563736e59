package import Checkpoints

extension TokenizerDefinition {
  /// Reads the `tokenizer.ggml.*` keys of a GGUF file's metadata; `file` is named in errors.
  package init(gguf metadata: [String: GGUFValue], file: String) throws(TokenizerError) {
    let reader = GGUFTokenizerReader(metadata: metadata, file: file)
    self = try reader.definition()
  }
}

private struct GGUFTokenizerReader {
  let metadata: [String: GGUFValue]
  let file: String

  func definition() throws(TokenizerError) -> TokenizerDefinition {
    let model = try string("model")
    guard model == "gpt2" else {
      throw failure("model", "'\(model)' is not supported; expected 'gpt2' (byte-level BPE)")
    }
    let preTokenizer = try self.preTokenizer()
    guard let tokens = self["tokens"]?.strings else { throw missing("tokens", "a list of strings") }
    guard let merges = self["merges"]?.strings else { throw missing("merges", "a list of strings") }
    guard let types = self["token_type"]?.integers, types.count == tokens.count else {
      throw missing("token_type", "a list of integers, one a token")
    }
    var vocabulary: [String?] = tokens
    var added: [TokenizerDefinition.AddedToken] = []
    for (id, type) in types.enumerated() {
      guard let type = TokenType(rawValue: type) else {
        throw failure("token_type[\(id)]", "\(type) is not a token type; expected 1 to 6")
      }
      guard type == .control || type == .userDefined else { continue }
      added.append(.init(id: Int32(id), content: tokens[id], special: type == .control))
      // Merges start from single bytes, so those stay in the model though they be control tokens.
      if tokens[id].unicodeScalars.count > 1 { vocabulary[id] = nil }
    }
    var definition = TokenizerDefinition(
      vocabulary: vocabulary, merges: merges, addedTokens: added, preTokenizer: preTokenizer,
      // GGUF has no key for it; Qwen's tokenizer.json composes, and the model was trained on that.
      normalizer: preTokenizer == .qwen2 ? .nfc : .none, ignoresMerges: preTokenizer == .llamaBPE)
    definition.bosID = try id("bos_token_id", below: tokens.count)
    definition.eosID = try id("eos_token_id", below: tokens.count)
    definition.padID = try id("padding_token_id", below: tokens.count)
    // Without the key, readers of GGUF assume that Llama 3 wants its BOS and the others do not.
    definition.addsBOS = self["add_bos_token"]?.bool ?? (preTokenizer == .llamaBPE)
    let ends = [definition.eosID, try id("eot_token_id", below: tokens.count)].compactMap { $0 }
    definition.stopIDs = Set(ends + definition.knownEndIDs)
    return definition
  }

  private enum TokenType: Int64 {
    case normal = 1
    case unknown, control, userDefined, unused, byte
  }

  private func preTokenizer() throws(TokenizerError) -> PreTokenizer {
    let name = try string("pre")
    switch name {
    case "smollm": return .smollm
    case "llama-bpe", "llama3", "llama-v3": return .llamaBPE
    case "qwen2", "deepseek-r1-qwen": return .qwen2
    case "gpt-2": return .gpt2
    default:
      throw failure(
        "pre", "the pre-tokenizer '\(name)' is not supported; expected smollm, llama-bpe, qwen2 or gpt-2")
    }
  }

  private subscript(key: String) -> GGUFValue? { metadata["tokenizer.ggml." + key] }

  private func string(_ key: String) throws(TokenizerError) -> String {
    guard let value = self[key]?.string else { throw missing(key, "a string") }
    return value
  }

  private func id(_ key: String, below count: Int) throws(TokenizerError) -> Int32? {
    guard let value = self[key] else { return nil }
    guard let id = value.int, (0..<count).contains(id) else {
      throw failure(key, "expected an id below \(count), the number of tokens")
    }
    return Int32(id)
  }

  private func missing(_ key: String, _ expected: String) -> TokenizerError {
    failure(key, "expected \(expected), found \(self[key] == nil ? "none" : "something else")")
  }

  private func failure(_ key: String, _ message: String) -> TokenizerError {
    TokenizerError(file: file, path: "tokenizer.ggml." + key, message: message)
  }
}
