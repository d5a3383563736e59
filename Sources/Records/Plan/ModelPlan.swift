/// The number format that weights and activations are kept in; sums are always taken in float32.
package enum ComputeType: String, Sendable, Hashable, Codable, CaseIterable {
  case bfloat16, float32
}

/// Where a model is computed.
package enum DeviceChoice: String, Sendable, Hashable, Codable, CaseIterable {
  /// A CUDA device when the worker was built for CUDA and one is there, else the processor.
  case auto
  case cpu, cuda
}

/// Which model is tuned.
package struct ModelPlan: Sendable, Hashable, Codable {
  /// `smollm2-135m-instruct`, a GGUF file, or a Hugging Face folder.
  package var source: String
  /// A run folder, or a checkpoint inside one, whose adapter training goes on from.
  package var adapter: String?
  package var dtype: ComputeType
  package var device: DeviceChoice

  package init(
    source: String = "smollm2-135m-instruct", dtype: ComputeType = .bfloat16, device: DeviceChoice = .auto
  ) {
    self.source = source
    self.dtype = dtype
    self.device = device
  }
}
