extension Architecture.Traits {
  /// Llama 2 and 3, SmolLM2 and their relatives: RMS norm before each part, rotary embedding, grouped-query
  /// attention, SwiGLU, no biases. Llama 3.1's rope scaling is in `RotaryConfiguration`.
  static let llama = Self(
    hasAttentionBias: false, hasHeadNorms: false, ggufInterleavesHeads: true,
    huggingFaceClass: "LlamaForCausalLM")
}
