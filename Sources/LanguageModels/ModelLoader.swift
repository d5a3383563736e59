package import Checkpoints
package import Torch

/// Opens a model's files and makes a decoder of them.
package struct ModelLoader: Sendable {
  package let configuration: ModelConfiguration
  private let source: any WeightSource

  /// Reads headers and configuration; no weight is touched yet.
  package init(gguf path: String) throws(ModelFileError) {
    let file = try GGUFFile(path: path)
    configuration = try ModelConfiguration(gguf: file)
    source = GGUFWeights(file: file)
  }

  /// Reads headers and configuration of a Hugging Face folder; no weight is touched yet.
  package init(huggingFace path: String) throws(ModelFileError) {
    configuration = try ModelConfiguration(huggingFace: path)
    source = HuggingFaceWeights(folder: try SafetensorsFolder(path: path))
  }

  /// Reads all weights, converted to `dtype`.
  ///
  /// Throws `ModelFileError` for what the file lacks, `TorchError` when memory does not suffice.
  package func weights(_ dtype: DType) throws -> DecoderWeights {
    try source.weights(configuration, dtype)
  }

  /// A decoder for sequences of up to `positions` tokens.
  ///
  /// With `exact`, a token's numbers do not depend on what is computed beside it; without, products are libtorch's own.
  /// They are always libtorch's on a device.
  package func decoder(
    _ dtype: DType, positions: Int, exact: Bool = true, device: Device = .cpu
  ) throws -> Decoder {
    let weights = try weights(dtype).mapped { _, tensor throws(TorchError) in try tensor.on(device) }
    return try Decoder(configuration: configuration, weights: weights, positions: positions, exact: exact)
  }
}
