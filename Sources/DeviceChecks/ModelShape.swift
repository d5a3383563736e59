package import LanguageModels

/// Sizes of models that are measured with random weights, made where they are used.
package enum ModelShape: String, Sendable, CaseIterable {
  case smollm2 = "smollm2-135m"
  case qwen25Half = "qwen2.5-0.5b"
  case qwen25OneAndHalf = "qwen2.5-1.5b"
  case qwen3Small = "qwen3-0.6b"
  /// Takes no time: to try a measurement itself.
  case tiny

  package var configuration: ModelConfiguration {
    switch self {
    case .smollm2: Self.model(.llama, 49_152, 576, 1536, 30, heads: 9, keys: 3, size: 64, theta: 1e5, 1e-5)
    case .qwen25Half:
      Self.model(.qwen2, 151_936, 896, 4864, 24, heads: 14, keys: 2, size: 64, theta: 1e6, 1e-6)
    case .qwen25OneAndHalf:
      Self.model(.qwen2, 151_936, 1536, 8960, 28, heads: 12, keys: 2, size: 128, theta: 1e6, 1e-6)
    case .qwen3Small:
      Self.model(.qwen3, 151_936, 1024, 3072, 28, heads: 16, keys: 8, size: 128, theta: 1e6, 1e-6)
    case .tiny: .tiny(.llama)
    }
  }

  private static func model(
    _ architecture: Architecture, _ vocabulary: Int, _ hidden: Int, _ intermediate: Int, _ layers: Int,
    heads: Int, keys: Int, size: Int, theta: Double, _ epsilon: Double
  ) -> ModelConfiguration {
    ModelConfiguration(
      architecture: architecture, vocabulary: vocabulary, hidden: hidden, intermediate: intermediate,
      layers: layers, heads: heads, kvHeads: keys, headSize: size, normEpsilon: epsilon,
      rotary: RotaryConfiguration(theta: theta), tiesEmbeddings: true, context: 8192)
  }
}
