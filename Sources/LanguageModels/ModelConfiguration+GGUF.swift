package import Checkpoints

extension ModelConfiguration {
  /// Reads the shape of a model from a GGUF file's metadata.
  package init(gguf file: GGUFFile) throws(ModelFileError) {
    func failure(_ key: String, _ message: String) -> ModelFileError {
      ModelFileError(.unsupported, file: file.path, part: key, message)
    }
    let name = file.metadata["general.architecture"]?.string ?? "none"
    guard let architecture = Architecture(rawValue: name) else {
      let known = Architecture.allCases.map(\.rawValue).joined(separator: ", ")
      throw failure(
        "general.architecture", "the architecture '\(name)' is not supported; expected one of \(known)")
    }
    func optional(_ key: String) -> GGUFValue? { file.metadata["\(name).\(key)"] }
    func integer(_ key: String) throws(ModelFileError) -> Int {
      guard let value = optional(key)?.int, value > 0 else {
        throw failure("\(name).\(key)", "the key is missing or not a positive whole number")
      }
      return value
    }
    let heads = try integer("attention.head_count")
    let hidden = try integer("embedding_length")
    guard let epsilon = optional("attention.layer_norm_rms_epsilon")?.double else {
      throw failure("\(name).attention.layer_norm_rms_epsilon", "the key is missing")
    }
    if let experts = optional("expert_count")?.int, experts > 0 {
      throw failure("\(name).expert_count", "mixtures of experts are not supported")
    }
    let headSize = optional("attention.key_length")?.int ?? hidden / heads
    var rotary = RotaryConfiguration(theta: optional("rope.freq_base")?.double ?? 10_000)
    if let divisors = file.tensors["rope_freqs.weight"] {
      rotary.scaling = .divisors(try file.floats(of: divisors))
    } else if let kind = optional("rope.scaling.type")?.string, kind != "none" {
      guard kind == "linear", let factor = optional("rope.scaling.factor")?.double else {
        throw failure("\(name).rope.scaling.type", "rope scaling '\(kind)' is not supported; expected linear")
      }
      rotary.scaling = .linear(factor: factor)
    }
    guard let embedding = file.tensors[WeightName.embedding.gguf], embedding.shape.count == 2 else {
      throw ModelFileError(
        .missing, file: file.path, part: WeightName.embedding.gguf, "the tensor is missing or no matrix")
    }
    self.init(
      architecture: architecture, vocabulary: embedding.shape[0], hidden: hidden,
      intermediate: try integer("feed_forward_length"), layers: try integer("block_count"), heads: heads,
      kvHeads: optional("attention.head_count_kv")?.int ?? heads, headSize: headSize, normEpsilon: epsilon,
      rotary: rotary, tiesEmbeddings: file.tensors[WeightName.head.gguf] == nil,
      context: try integer("context_length"))
  }
}

extension GGUFFile {
  /// A small tensor as numbers.
  fileprivate func floats(of tensor: GGUFTensor) throws(ModelFileError) -> [Float] {
    withBytes(of: tensor) { bytes in
      [Float](unsafeUninitializedCapacity: tensor.elementCount) { memory, count in
        tensor.type.dequantise(
          bytes, into: UnsafeMutableBufferPointer(rebasing: memory[..<tensor.elementCount]))
        count = tensor.elementCount
      }
    }
  }
}
