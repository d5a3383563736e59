package import Checkpoints
package import LanguageModels
package import Tokenization

/// A model's files, opened: headers read and checked, tokenizer and template loaded, no weight touched.
package struct OpenedModel: Sendable {
  package let location: ModelLocation
  package let loader: ModelLoader
  package let text: ModelTokenizer

  /// `source` is what a plan's `model.source` says: a known name, a GGUF file or a Hugging Face folder.
  package init(source: String) throws {
    location = try ModelLocation(source: source)
    switch location {
    case .gguf(let path): loader = try ModelLoader(gguf: path)
    case .folder(let path): loader = try ModelLoader(huggingFace: path)
    }
    text = try ModelTokenizer(location)
  }
}
