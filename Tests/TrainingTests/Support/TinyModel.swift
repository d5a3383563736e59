import Records
import Torch

@testable import LanguageModels

/// A random decoder of two layers, small enough to train in a test.
enum TinyModel {
  static func configuration(vocabulary: Int = 40, tied: Bool = true) -> ModelConfiguration {
    ModelConfiguration(
      architecture: .llama, vocabulary: vocabulary, hidden: 32, intermediate: 48, layers: 2, heads: 4,
      kvHeads: 2, headSize: 8, normEpsilon: 1e-5, rotary: RotaryConfiguration(theta: 10_000),
      tiesEmbeddings: tied, context: 256)
  }

  /// The same seed gives the same weights; an untied head starts as a copy of the embedding.
  static func decoder(
    _ dtype: DType = .float32, vocabulary: Int = 40, tied: Bool = true, exact: Bool = true, seed: UInt64 = 1
  ) throws(TorchError) -> Decoder {
    let model = configuration(vocabulary: vocabulary, tied: tied)
    var random = SplitMix64(seed: seed)
    func matrix(_ rows: Int, _ columns: Int, spread: Float) throws(TorchError) -> Tensor {
      let values = (0..<rows * columns).map { _ in Float.random(in: -spread...spread, using: &random) }
      return try Tensor.floats(values, [rows, columns], dtype)
    }
    func norm() throws(TorchError) -> Tensor {
      let values = (0..<model.hidden).map { _ in Float.random(in: 0.8...1.2, using: &random) }
      return try Tensor.floats(values, [model.hidden], dtype)
    }
    // Wide enough that a frozen head can tell tokens apart: the last norm bounds every logit.
    let embedding = try matrix(vocabulary, model.hidden, spread: 0.5)
    var layers: [LayerWeights] = []
    for _ in 0..<model.layers {
      layers.append(
        LayerWeights(
          inputNorm: try norm(), qkv: try matrix(model.qkvWidth, model.hidden, spread: 0.3), qkvBias: nil,
          qNorm: nil, kNorm: nil,
          output: try matrix(model.hidden, model.heads * model.headSize, spread: 0.3), postNorm: try norm(),
          gateUp: try matrix(2 * model.intermediate, model.hidden, spread: 0.3),
          down: try matrix(model.hidden, model.intermediate, spread: 0.3)))
    }
    var head = embedding
    if !tied {
      head = try Tensor.empty(embedding.shape, dtype)
      try head.copy(from: embedding)
    }
    return try Decoder(
      configuration: model,
      weights: DecoderWeights(embedding: embedding, layers: layers, finalNorm: norm(), head: head),
      positions: model.context, exact: exact)
  }
}
