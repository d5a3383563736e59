/// The number format that weights and activations are kept in; sums are always taken in float32.
package enum ComputeType: String, Sendable, Hashable, Codable, CaseIterable {
  case bfloat16, float32
}

/// Which model is tuned.
package struct ModelPlan: Sendable, Hashable, Codable {
  /// `smollm2-135m-instruct`, a GGUF file, or a Hugging Face folder.
  package var source: String
  package var dtype: ComputeType

  package init(source: String = "smollm2-135m-instruct", dtype: ComputeType = .bfloat16) {
    self.source = source
    self.dtype = dtype
  }
}
