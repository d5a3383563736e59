extension Architecture.Traits {
  /// Qwen3 (dense): as Llama, with a norm on every head's q and k and a head size of its own.
  static let qwen3 = Self(
    hasAttentionBias: false, hasHeadNorms: true, ggufInterleavesHeads: false,
    huggingFaceClass: "Qwen3ForCausalLM")
}
