package import Checkpoints
package import LanguageModels
internal import Records
package import Tokenization

/// A run's model, ready to be written for other tools: as a PEFT adapter (`peft`) or as a Hugging Face model of
/// its own (`merged`).
///
/// Both take the float32 truth of what was trained, not the rounded copies that the layers compute with.
package struct ModelExport {
  let configuration: ModelConfiguration
  let weights: DecoderWeights
  let adapter: LowRankAdapter?
  let location: ModelLocation
  let text: ModelTokenizer
  let card: ModelCard

  /// - Parameters:
  ///   - weights: the base's as they were computed with, when there is an adapter; after full training the
  ///     masters.
  ///   - adapter: over its masters; nil after full training.
  ///   - location: where the base was read from; a folder's tokenizer files are copied from there.
  ///   - text: the base's tokenizer and template.
  ///   - card: the base's name there is also the adapter's base.
  package init(
    configuration: ModelConfiguration, weights: DecoderWeights, adapter: LowRankAdapter?,
    location: ModelLocation, text: ModelTokenizer, card: ModelCard
  ) {
    self.configuration = configuration
    self.weights = weights
    self.adapter = adapter
    self.location = location
    self.text = text
    self.card = card
  }

  /// Writes a JSON document as the reference tools do, a member a line.
  static func write(_ document: JSONValue, to path: String) throws(StorageError) {
    try AtomicFile.write(Array((document.serialised(.indented(2)) + "\n").utf8), to: path)
  }

  static func write(_ text: String, to path: String) throws(StorageError) {
    try AtomicFile.write(Array(text.utf8), to: path)
  }
}
