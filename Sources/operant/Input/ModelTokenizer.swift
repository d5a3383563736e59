import Checkpoints
import Foundation
import Records
import Tokenization

/// The tokenizer that a model file brings with it.
enum ModelTokenizer {
  static func load(_ location: ModelLocation) throws(CommandFailure) -> Tokenizer {
    do {
      switch location {
      case .gguf(let path):
        let definition = try TokenizerDefinition(gguf: GGUFFile(path: path).metadata, file: path)
        return try Tokenizer(definition, file: path)
      case .folder(let folder):
        let path = folder + "/tokenizer.json"
        var definition = try TokenizerDefinition(tokenizerJSON: json(path), file: path)
        if let config = try? json(folder + "/tokenizer_config.json") {
          definition.adopt(tokenizerConfig: config)
        }
        return try Tokenizer(definition, file: path)
      }
    } catch let failure as CommandFailure {
      throw failure
    } catch {
      throw CommandFailure("\(error)")
    }
  }

  private static func json(_ path: String) throws -> JSONValue {
    guard let bytes = FileManager.default.contents(atPath: path) else {
      throw CommandFailure("\(path): the model's tokenizer cannot be read; expected a Hugging Face folder")
    }
    return try JSONValue(parsing: [UInt8](bytes))
  }
}
