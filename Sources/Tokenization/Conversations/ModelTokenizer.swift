package import Checkpoints
import Records

/// A model's tokenizer and chat template, out of its GGUF file or its Hugging Face folder.
package struct ModelTokenizer: Sendable {
  package let tokenizer: Tokenizer
  package let template: ChatTemplate
  /// Whether the template is ChatML because the model ships none.
  package let usesDefaultTemplate: Bool

  package var conversations: ConversationRenderer {
    ConversationRenderer(tokenizer: tokenizer, template: template)
  }

  /// Loads from a GGUF file, or from a folder with `tokenizer.json` (and, where they are,
  /// `tokenizer_config.json`, `special_tokens_map.json`, `generation_config.json`, `chat_template.jinja`).
  package init(_ location: ModelLocation) throws(ModelTokenizerError) {
    switch location {
    case .folder(let path): self = try Self.folder(path)
    case .gguf(let path):
      let metadata: [String: GGUFValue]
      do throws(ModelFileError) { metadata = try GGUFFile(path: path).metadata } catch { throw .file(error) }
      try self.init(gguf: metadata, file: path)
    }
  }

  /// Loads what a plan's `model.source` means: a path, or a name below one of the model roots.
  package init(source: String) throws(ModelTokenizerError) {
    let location: ModelLocation
    do throws(ModelFileError) { location = try ModelLocation(source: source) } catch { throw .file(error) }
    try self.init(location)
  }

  /// Reads the metadata of a GGUF file that is open already; `file` is named in errors.
  package init(gguf metadata: [String: GGUFValue], file: String) throws(ModelTokenizerError) {
    let tokenizer: Tokenizer
    do throws(TokenizerError) {
      tokenizer = try Tokenizer(TokenizerDefinition(gguf: metadata, file: file), file: file)
    } catch { throw .tokenizer(error) }
    try self.init(
      tokenizer: tokenizer, templateSource: metadata["tokenizer.chat_template"]?.string, file: file)
  }

  /// `source` is the template's, nil for a model that ships none; `file` is where it stands.
  init(tokenizer: Tokenizer, templateSource source: String?, file: String) throws(ModelTokenizerError) {
    self.tokenizer = tokenizer
    usesDefaultTemplate = source == nil
    do throws(TemplateError) { template = try ChatTemplate(source: source ?? ChatTemplate.chatML) } catch {
      throw .template(error, file: file)
    }
  }
}
