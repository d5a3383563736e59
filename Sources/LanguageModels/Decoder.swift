package import Torch

/// A decoder ready to compute: weights, an adapter when there is one, and the rotary angles.
///
/// A value: a thread that needs leaves of its own for the gradient makes a copy over other tensors
/// (`DecoderWeights.mapped`, `LowRankAdapter.mapped`).
package struct Decoder {
  package let configuration: ModelConfiguration
  package var weights: DecoderWeights
  package var adapter: LowRankAdapter?
  /// The head laid out for its kernel; made again when the head's weights change.
  package var packedHead: Tensor
  let rotary: RotaryTable

  /// `positions` is the longest sequence that will be computed.
  package init(
    configuration: ModelConfiguration, weights: DecoderWeights, adapter: LowRankAdapter? = nil, positions: Int
  ) throws(TorchError) {
    self.configuration = configuration
    self.weights = weights
    self.adapter = adapter
    packedHead = try weights.head.packedHead()
    rotary = try RotaryTable(configuration.rotary, headSize: configuration.headSize, positions: positions)
  }

  package var dtype: DType { weights.embedding.dtype }
  package var positions: Int { rotary.positions }

  /// Hidden states before the last norm for packed trees of tokens: ids `[N]` to `[N, H]`.
  ///
  /// `capture` receives every layer's keys and values, `[N, kvHeads, D]`, rotary embedding applied.
  package func hidden(
    _ ids: [Int32], layout: TreeLayout,
    capture: ((_ layer: Int, _ k: Tensor, _ v: Tensor) throws(TorchError) -> Void)? = nil
  ) throws(TorchError) -> Tensor {
    precondition(layout.count == ids.count, "the layout covers \(layout.count) tokens of \(ids.count)")
    let angles = try rotary.angles(at: layout.positions)
    var x = try Tensor.embedding(weights.embedding, ids: Tensor.integers(ids.map(Int.init)))
    for layer in weights.layers.indices {
      x = try block(layer, x, angles: angles) { q, k, v throws(TorchError) in
        try capture?(layer, k, v)
        return try Tensor.treeAttention(q: q, k: k, v: v, layout: layout)
      }
    }
    return x
  }

  /// One more token for each row of a batch: ids `[B]` at `positions`, to hidden states before the last norm
  /// `[B, H]`. The rows' caches take the new keys and values.
  package func decode(_ ids: [Int32], positions: [Int], rows: CacheRows) throws(TorchError) -> Tensor {
    let angles = try rotary.angles(at: positions)
    var x = try Tensor.embedding(weights.embedding, ids: Tensor.integers(ids.map(Int.init)))
    for layer in weights.layers.indices {
      x = try block(layer, x, angles: angles) { q, k, v throws(TorchError) in
        try Tensor.decodeAttention(q: q, k: k, v: v, rows: rows, layer: layer)
      }
    }
    return x
  }

  private func block(
    _ index: Int, _ x: Tensor, angles: (cosine: Tensor, sine: Tensor),
    attention: (Tensor, Tensor, Tensor) throws(TorchError) -> Tensor
  ) throws(TorchError) -> Tensor {
    let layer = weights.layers[index]
    let lowRank = adapter?.layers[index] ?? [:]
    let epsilon = configuration.normEpsilon

    let qkv = try x.rmsNorm(layer.inputNorm, epsilon: epsilon)
      .linear(layer.qkv, bias: layer.qkvBias, lowRank: lowRank[.qkv])
    let (q, k, v) = try heads(qkv, layer, angles)
    let mixed = try attention(q, k, v).reshaped([x.shape[0], configuration.heads * configuration.headSize])
    let x = try x + mixed.linear(layer.output, lowRank: lowRank[.output])

    let gateUp = try x.rmsNorm(layer.postNorm, epsilon: epsilon).linear(
      layer.gateUp, lowRank: lowRank[.gateUp])
    return try x + gateUp.swiGLU().linear(layer.down, lowRank: lowRank[.down])
  }

  private func heads(_ qkv: Tensor, _ layer: LayerWeights, _ angles: (cosine: Tensor, sine: Tensor))
    throws(TorchError) -> (q: Tensor, k: Tensor, v: Tensor)
  {
    guard let qNorm = layer.qNorm, let kNorm = layer.kNorm else {
      return try qkv.splitHeads(
        heads: configuration.heads, kvHeads: configuration.kvHeads, headSize: configuration.headSize,
        angles: angles)
    }
    let (q, k, v) = try qkv.splitHeads(
      heads: configuration.heads, kvHeads: configuration.kvHeads, headSize: configuration.headSize,
      angles: nil)
    let epsilon = configuration.normEpsilon
    return (
      try q.rmsNorm(qNorm, epsilon: epsilon).rotated(cosine: angles.cosine, sine: angles.sine),
      try k.rmsNorm(kNorm, epsilon: epsilon).rotated(cosine: angles.cosine, sine: angles.sine), v
    )
  }

  /// Logits in float32 from hidden states: `[M, H]` to `[M, V]`.
  package func logits(_ hidden: Tensor) throws(TorchError) -> Tensor {
    try hidden.rmsNorm(weights.finalNorm, epsilon: configuration.normEpsilon)
      .headLogits(weights.head, packed: packedHead)
  }

  /// Log-probability of `targets` `[M]` and entropy at hidden states `[M, H]`, both float32 `[M]`.
  package func logProbabilities(_ hidden: Tensor, targets: [Int32], temperature: Double) throws(TorchError)
    -> (logProbabilities: Tensor, entropy: Tensor)
  {
    try hidden.rmsNorm(weights.finalNorm, epsilon: configuration.normEpsilon)
      .headLogProbabilities(
        weights.head, packed: packedHead, targets: Tensor.integers(targets.map(Int.init)),
        temperature: temperature)
  }

  /// Log-probability of every token of a text given those before it; the first has none. `[T]` to `[T - 1]`.
  package func score(_ ids: [Int32]) throws(TorchError) -> [Float] {
    guard ids.count > 1 else { return [] }
    return try withoutGradients { () throws(TorchError) in
      let hidden = try hidden(ids, layout: TreeLayout([.init(prefix: ids.count)]))
      return try logProbabilities(
        hidden.rows(0..<ids.count - 1), targets: Array(ids.dropFirst()), temperature: 1
      ).logProbabilities.floats()
    }
  }
}
