import CTorch

/// Low-rank parts of a linear layer whose outputs are several layers side by side (q, k and v; gate and up).
///
/// Part i covers `widths[i]` outputs from `offsets[i]` on; `a [p r, in]` and `b [sum of widths, r]` hold the
/// parts' matrices one below the other.
package struct LowRankParts {
  package let a: Tensor
  package let b: Tensor
  package let offsets: [Int]
  package let widths: [Int]
  package let scale: Double

  package init(a: Tensor, b: Tensor, offsets: [Int], widths: [Int], scale: Double) {
    self.a = a
    self.b = b
    self.offsets = offsets
    self.widths = widths
    self.scale = scale
  }
}

extension Tensor {
  /// Rows of an embedding: weight `[V, H]`, ids int64 `[N]`, to `[N, H]`.
  package static func embedding(_ weight: Tensor, ids: Tensor) throws(TorchError) -> Tensor {
    try make("embedding", weight, ids) { ct_embedding(weight.handle, ids.handle, $0, $1) }
  }

  /// x W^T + bias, plus the low-rank parts: `[N, in]`, weight `[out, in]`, bias `[out]`, to `[N, out]`.
  package func linear(_ weight: Tensor, bias: Tensor? = nil, lowRank: LowRankParts? = nil) throws(TorchError)
    -> Tensor
  {
    try Self.make("linear", self, weight, bias, lowRank?.a, lowRank?.b) { out, error in
      guard let lowRank else {
        return ct_linear(
          handle, weight.handle, bias?.handle, nil, nil, nil, nil, 0, 0, out, error)
      }
      return ct_linear(
        handle, weight.handle, bias?.handle, lowRank.a.handle, lowRank.b.handle,
        lowRank.offsets.map(Int64.init), lowRank.widths.map(Int64.init), Int32(lowRank.widths.count),
        lowRank.scale, out, error)
    }
  }

  /// Root-mean-square norm over the last dimension (Zhang and Sennrich 2019): `[..., H]`, weight `[H]`.
  package func rmsNorm(_ weight: Tensor, epsilon: Double) throws(TorchError) -> Tensor {
    try Self.make("rms_norm", self, weight) { ct_rms_norm(handle, weight.handle, epsilon, $0, $1) }
  }

  /// Rotary embedding (Su et al. 2021), half-split layout: `[N, heads, D]`, angles' cosine and sine float32
  /// `[N, D / 2]`.
  package func rotated(cosine: Tensor, sine: Tensor) throws(TorchError) -> Tensor {
    try Self.make("rotary", self, cosine, sine) {
      ct_rotary(handle, cosine.handle, sine.handle, $0, $1)
    }
  }

  /// Parts `[N, (heads + 2 kvHeads) D]` into q `[N, heads, D]`, k and v `[N, kvHeads, D]`, q and k rotated when
  /// angles are given.
  package func splitHeads(
    heads: Int, kvHeads: Int, headSize: Int, angles: (cosine: Tensor, sine: Tensor)?
  ) throws(TorchError) -> (q: Tensor, k: Tensor, v: Tensor) {
    var q: OpaquePointer?
    var k: OpaquePointer?
    var v: OpaquePointer?
    try Self.perform("split_heads", self, angles?.cosine, angles?.sine) {
      ct_split_heads(
        handle, angles?.cosine.handle, angles?.sine.handle, Int64(heads), Int64(kvHeads), Int64(headSize), &q,
        &k, &v, $0)
    }
    guard let q, let k, let v else { preconditionFailure("split_heads succeeded without its outputs") }
    return (Tensor(owning: q), Tensor(owning: k), Tensor(owning: v))
  }

  /// silu(gate) * up: `[N, 2 I]`, the gate's columns first, to `[N, I]`.
  package func swiGLU() throws(TorchError) -> Tensor {
    try Self.make("swiglu", self) { ct_swiglu(handle, $0, $1) }
  }

  /// Causal attention over packed trees: q `[N, heads, D]`, k and v `[N, kvHeads, D]`, to `[N, heads, D]`.
  package static func treeAttention(q: Tensor, k: Tensor, v: Tensor, layout: TreeLayout) throws(TorchError)
    -> Tensor
  {
    try make("tree_attention", q, k, v) {
      ct_tree_attention(
        q.handle, k.handle, v.handle, layout.encoded, Int64(layout.encoded.count), $0, $1)
    }
  }
}
