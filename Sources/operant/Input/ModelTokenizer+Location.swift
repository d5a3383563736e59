import Checkpoints
import Tokenization

extension ModelTokenizer {
  /// The tokenizer and template that a model brings with it; failures are the command's.
  static func load(_ location: ModelLocation) throws(CommandFailure) -> ModelTokenizer {
    do throws(ModelTokenizerError) { return try ModelTokenizer(location) } catch {
      throw CommandFailure("\(error)")
    }
  }
}
