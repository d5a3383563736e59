package import Checkpoints

/// Why a model's tokenizer or chat template cannot be loaded.
package enum ModelTokenizerError: Error, Sendable, CustomStringConvertible {
  /// There is no such model, or its GGUF file cannot be read.
  case file(ModelFileError)
  case tokenizer(TokenizerError)
  case template(TemplateError, file: String)

  package var description: String {
    switch self {
    case .file(let error): "\(error)"
    case .tokenizer(let error): "\(error)"
    case .template(let error, let file): "\(file): \(error)"
    }
  }
}
