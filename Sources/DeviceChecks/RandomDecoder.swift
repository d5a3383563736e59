package import LanguageModels
internal import Records
package import Torch

extension Decoder {
  /// A decoder with random weights. Those of a check come from a seed and are the same on every device; those of a
  /// measurement (`seed` nil) are made where they are used.
  package static func random(
    _ model: ModelConfiguration, _ dtype: DType, device: Device, positions: Int, seed: UInt64?
  ) throws -> Decoder {
    var random = SplitMix64(seed: seed ?? 0)
    func made(_ shape: [Int], deviation: Double, around middle: Float = 0) throws -> Tensor {
      guard seed != nil else {
        let tensor = try Tensor.empty(shape, dtype, on: device)
        try tensor.fillNormal(deviation: middle == 0 ? deviation : 0)
        if middle != 0 {
          try tensor.add(Tensor.floats(Array(repeating: middle, count: shape.reduce(1, *)), on: device))
        }
        return tensor
      }
      let spread = Float(deviation * 3.0.squareRoot())
      let values = (0..<shape.reduce(1, *)).map { _ in
        middle + Float.random(in: -spread...spread, using: &random)
      }
      return try Tensor.floats(values, shape, dtype).on(device)
    }
    func matrix(_ rows: Int, _ columns: Int) throws -> Tensor {
      try made([rows, columns], deviation: 1 / Double(columns).squareRoot())
    }
    func norm(_ width: Int) throws -> Tensor { try made([width], deviation: 0.1, around: 1) }
    let traits = model.architecture.traits
    let embedding = try made([model.vocabulary, model.hidden], deviation: seed == nil ? 0.02 : 0.3)
    let layers = try (0..<model.layers).map { _ in
      LayerWeights(
        inputNorm: try norm(model.hidden), qkv: try matrix(model.qkvWidth, model.hidden),
        qkvBias: traits.hasAttentionBias ? try made([model.qkvWidth], deviation: 0.1) : nil,
        qNorm: traits.hasHeadNorms ? try norm(model.headSize) : nil,
        kNorm: traits.hasHeadNorms ? try norm(model.headSize) : nil,
        output: try matrix(model.hidden, model.heads * model.headSize), postNorm: try norm(model.hidden),
        gateUp: try matrix(2 * model.intermediate, model.hidden),
        down: try matrix(model.hidden, model.intermediate))
    }
    let head = model.tiesEmbeddings ? embedding : try matrix(model.vocabulary, model.hidden)
    return try Decoder(
      configuration: model,
      weights: DecoderWeights(
        embedding: embedding, layers: layers, finalNorm: try norm(model.hidden), head: head),
      positions: positions)
  }
}

extension ModelConfiguration {
  /// A model that takes no time. Its vocabulary is no multiple of anything.
  static func tiny(_ architecture: Architecture, tied: Bool = true) -> ModelConfiguration {
    ModelConfiguration(
      architecture: architecture, vocabulary: 1034, hidden: 32, intermediate: 48, layers: 3, heads: 4,
      kvHeads: 2, headSize: architecture == .qwen3 ? 16 : 8, normEpsilon: 1e-5,
      rotary: RotaryConfiguration(theta: 10_000), tiesEmbeddings: tied, context: 256)
  }
}
