extension Architecture.Traits {
  /// Qwen2 and Qwen2.5: as Llama, with biases on q, k and v.
  static let qwen2 = Self(
    hasAttentionBias: true, hasHeadNorms: false, ggufInterleavesHeads: false,
    huggingFaceClass: "Qwen2ForCausalLM")
}
