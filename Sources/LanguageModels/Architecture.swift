/// The families of decoder that Operant runs; each has a file that says how it differs from Llama.
package enum Architecture: String, Sendable, Hashable, Codable, CaseIterable {
  case llama, qwen2, qwen3

  /// What tells a family from the others.
  package struct Traits: Sendable, Hashable {
    /// Biases on q, k and v.
    package var hasAttentionBias: Bool
    /// Norms of each head's q and k, before the rotary embedding.
    package var hasHeadNorms: Bool
    /// GGUF files hold q and k with the two halves of each head interleaved; they are put back on loading.
    package var ggufInterleavesHeads: Bool
    /// The class that transformers builds from an exported folder.
    package var huggingFaceClass: String
  }

  package var traits: Traits {
    switch self {
    case .llama: .llama
    case .qwen2: .qwen2
    case .qwen3: .qwen3
    }
  }
}
