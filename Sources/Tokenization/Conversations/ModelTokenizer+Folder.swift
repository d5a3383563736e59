import Foundation
import Records

extension ModelTokenizer {
  /// Loads from a Hugging Face folder.
  static func folder(_ path: String) throws(ModelTokenizerError) -> ModelTokenizer {
    let folder = HuggingFaceFolder(path: path)
    let file = folder.file("tokenizer.json")
    let tokenizer: Tokenizer
    let source: (text: String, file: String)?
    do throws(TokenizerError) {
      guard let document = try folder.document("tokenizer.json") else {
        throw TokenizerError(file: file, message: "there is no such file; expected the model's tokenizer")
      }
      var definition = try TokenizerDefinition(tokenizerJSON: document, file: file)
      let config = try folder.document("tokenizer_config.json")
      // Older folders name their special tokens in a file of their own.
      if let tokens = try folder.document("special_tokens_map.json") {
        definition.adopt(tokenizerConfig: tokens)
      }
      if let config { definition.adopt(tokenizerConfig: config) }
      if let generation = try folder.document("generation_config.json") {
        definition.adopt(generationConfig: generation)
      }
      tokenizer = try Tokenizer(definition, file: file)
      source = try folder.chatTemplate(config: config)
    } catch { throw .tokenizer(error) }
    return try ModelTokenizer(tokenizer: tokenizer, templateSource: source?.text, file: source?.file ?? path)
  }
}

/// The files of a model's folder that tell about text.
private struct HuggingFaceFolder {
  let path: String

  func file(_ name: String) -> String { path + "/" + name }

  private func bytes(_ name: String) throws(TokenizerError) -> [UInt8]? {
    guard FileManager.default.fileExists(atPath: file(name)) else { return nil }
    do { return Array(try Data(contentsOf: URL(fileURLWithPath: file(name)))) } catch {
      throw TokenizerError(file: file(name), message: "cannot be read: \(error.localizedDescription)")
    }
  }

  /// A JSON file; nil when there is none.
  func document(_ name: String) throws(TokenizerError) -> JSONValue? {
    guard let bytes = try bytes(name) else { return nil }
    do throws(JSONSyntaxError) { return try JSONValue(parsing: bytes) } catch {
      throw TokenizerError(file: file(name), message: "is not JSON: \(error)")
    }
  }

  /// The template of `chat_template.jinja`, or else of `tokenizer_config.json`: one, or a list with names of
  /// which 'default' counts.
  func chatTemplate(config: JSONValue?) throws(TokenizerError) -> (text: String, file: String)? {
    if let bytes = try bytes("chat_template.jinja") {
      return (String(decoding: bytes, as: UTF8.self), file("chat_template.jinja"))
    }
    let configFile = file("tokenizer_config.json")
    switch config?["chat_template"] {
    case nil, .null: return nil
    case .string(let text): return (text, configFile)
    case .array(let templates):
      let named = templates.first { $0["name"]?.string == "default" } ?? templates.first
      guard let text = named?["template"]?.string else {
        throw TokenizerError(
          file: configFile, path: "chat_template",
          message: "expected a list of objects with name and template")
      }
      return (text, configFile)
    case .some(let other):
      throw TokenizerError(
        file: configFile, path: "chat_template", message: "expected text or a list, found \(other.kind)")
    }
  }
}
