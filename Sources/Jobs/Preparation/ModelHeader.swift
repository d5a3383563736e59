package import Checkpoints
internal import Foundation
package import Plans
internal import Records

/// A model's sizes from its file's header, without loading it.
package enum ModelHeader {
  /// - Returns: nil when the header does not tell all of them, as for an architecture that is not known.
  package static func figures(of location: ModelLocation) throws(ModelFileError) -> ModelFigures? {
    switch location {
    case .gguf(let path): figures(of: try GGUFFile(path: path))
    case .folder(let path): figures(ofFolder: path)
    }
  }

  static func figures(of file: GGUFFile) -> ModelFigures? {
    guard let architecture = file.metadata["general.architecture"]?.string else { return nil }
    let number = { (key: String) in file.metadata["\(architecture).\(key)"]?.int }
    guard let layers = number("block_count"), let hidden = number("embedding_length"),
      let intermediate = number("feed_forward_length"), let heads = number("attention.head_count"), heads > 0
    else { return nil }
    let vocabulary =
      number("vocab_size") ?? file.metadata["tokenizer.ggml.tokens"]?.strings?.count ?? 0
    return ModelFigures(
      parameters: file.tensors.values.reduce(0) { $0 + $1.elementCount }, layers: layers, hidden: hidden,
      intermediate: intermediate, heads: heads, kvHeads: number("attention.head_count_kv") ?? heads,
      headSize: number("attention.key_length") ?? hidden / heads, vocabulary: vocabulary,
      context: number("context_length") ?? .max)
  }

  private static func figures(ofFolder path: String) -> ModelFigures? {
    guard let bytes = FileManager.default.contents(atPath: path + "/config.json"),
      let config = try? JSONValue(parsing: [UInt8](bytes))
    else { return nil }
    return figures(ofConfig: config)
  }

  static func figures(ofConfig config: JSONValue) -> ModelFigures? {
    guard let layers = config["num_hidden_layers"]?.integer, let hidden = config["hidden_size"]?.integer,
      let intermediate = config["intermediate_size"]?.integer,
      let heads = config["num_attention_heads"]?.integer, heads > 0,
      let vocabulary = config["vocab_size"]?.integer
    else { return nil }
    let kvHeads = config["num_key_value_heads"]?.integer ?? heads
    let headSize = config["head_dim"]?.integer ?? hidden / heads
    let count = ModelFigures.parameterCount(
      layers: layers, hidden: hidden, intermediate: intermediate, heads: heads, kvHeads: kvHeads,
      headSize: headSize, vocabulary: vocabulary,
      tiedEmbedding: config["tie_word_embeddings"]?.bool ?? false)
    return ModelFigures(
      parameters: count, layers: layers, hidden: hidden, intermediate: intermediate, heads: heads,
      kvHeads: kvHeads, headSize: headSize, vocabulary: vocabulary,
      context: config["max_position_embeddings"]?.integer ?? .max)
  }
}
