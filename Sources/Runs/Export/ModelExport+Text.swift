internal import Checkpoints
internal import Foundation
internal import LanguageModels
internal import Tokenization

extension ModelExport {
  /// What a tokenizer may consist of in a Hugging Face folder.
  private static let tokenizerFiles = [
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json", "vocab.json",
    "merges.txt", "chat_template.jinja", "chat_template.json", "additional_chat_templates",
  ]
  /// How files begin that must go wherever the model goes.
  private static let termsPrefixes = ["LICENSE", "LICENCE", "NOTICE", "USE_POLICY"]

  /// Writes tokenizer and template: a folder's own files byte for byte, or new ones for a GGUF file.
  func writeText(to folder: String) throws {
    switch location {
    case .folder(let base):
      for name in try FileManager.default.contentsOfDirectory(atPath: base).sorted()
      where Self.tokenizerFiles.contains(name) || Self.termsPrefixes.contains(where: name.hasPrefix) {
        try Self.copy(base + "/" + name, to: folder + "/" + name)
      }
      // The run used the default template: the tuned model knows no other.
      if text.usesDefaultTemplate {
        try Self.write(text.template.source, to: folder + "/chat_template.jinja")
      }
    case .gguf:
      let definition = text.tokenizer.definition
      let template = text.template.source
      try Self.write(definition.tokenizerJSON(), to: folder + "/tokenizer.json")
      try Self.write(
        definition.tokenizerConfig(chatTemplate: template, context: configuration.context),
        to: folder + "/tokenizer_config.json")
      try Self.write(definition.specialTokensMap(), to: folder + "/special_tokens_map.json")
      try Self.write(template, to: folder + "/chat_template.jinja")
    }
  }

  /// Links are followed: a cache of downloads keeps its files behind them.
  private static func copy(_ source: String, to target: String) throws(StorageError) {
    let resolved = URL(filePath: source).resolvingSymlinksInPath().path
    do {
      try FileManager.default.copyItem(atPath: resolved, toPath: target)
    } catch {
      throw StorageError(
        .inaccessible, path: target, "'\(source)' could not be copied to it: \(error.localizedDescription)")
    }
  }
}
