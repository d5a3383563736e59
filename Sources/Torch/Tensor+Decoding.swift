import CTorch

/// Operations on the first rows of a batch that write into tensors which are there already: no graph, no new memory.
extension Tensor {
  /// Rows `ids` of the embedding into this tensor `[B, H]`, and the angles at `positions` into `rows`.
  package func beginDecoding(
    _ ids: [Int32], embedding: Tensor, positions: [Int64], angles: Angles, into rows: Angles
  ) throws(TorchError) {
    precondition(ids.count == positions.count, "every token needs a position")
    try Self.perform("decode_begin", [embedding, self]) {
      ct_decode_begin(
        embedding.handle, ids, angles.cosine.handle, angles.sine.handle, positions, Int64(ids.count), handle,
        rows.cosine.handle, rows.sine.handle, $0)
    }
  }

  /// rmsNorm of the first `count` rows into `out`.
  package func rmsNorm(_ weight: Tensor, epsilon: Double, count: Int, into out: Tensor) throws(TorchError) {
    try Self.perform("rms_norm", [self, weight, out]) {
      ct_rms_norm_into(handle, weight.handle, epsilon, Int64(count), out.handle, $0)
    }
  }

  /// linear(rmsNorm(x)) of the first `count` rows into `out`; `normed` `[B, in]` and `low` are scratch.
  package func normLinear(
    _ norm: Tensor, epsilon: Double, _ linear: Linear, count: Int, normed: Tensor, low: Tensor,
    into out: Tensor
  ) throws(TorchError) {
    try Self.perform("norm_linear", [self, norm] + linear.tensors) {
      ct_norm_linear_into(
        handle, norm.handle, epsilon, &linear.operands, Int64(count), normed.handle, low.handle, out.handle,
        $0)
    }
  }

  /// Adds linear(x) of the first `count` rows to `sum`; `low` is scratch.
  package func linear(_ linear: Linear, count: Int, low: Tensor, addTo sum: Tensor) throws(TorchError) {
    try Self.perform("linear_add", [self, sum] + linear.tensors) {
      ct_linear_add_into(handle, &linear.operands, Int64(count), low.handle, sum.handle, $0)
    }
  }

  /// Adds linear(silu(gate) * up) of the first `count` rows to `sum`; `active` `[B, in]` and `low` are scratch.
  package func gatedLinear(
    _ linear: Linear, count: Int, active: Tensor, low: Tensor, addTo sum: Tensor
  ) throws(TorchError) {
    try Self.perform("gated_linear_add", [self, sum] + linear.tensors) {
      ct_gated_linear_add_into(
        handle, &linear.operands, Int64(count), active.handle, low.handle, sum.handle, $0)
    }
  }

  /// One token a row, queries, keys and values side by side `[B, (heads + 2 kvHeads) D]`: writes keys and values into
  /// the rows' caches, attends to all that each row sees, into `out` `[B, heads D]`; `scratch` is as large.
  package func decodeAttention(
    _ attention: Attention, angles: Angles, rows: CacheRows, layer: Int, scratch: Tensor, into out: Tensor
  ) throws(TorchError) {
    rows.checkFit(attention, layer: layer, dtype: dtype)
    var operands = attention.operands(angles)
    defer { withExtendedLifetime((rows, angles, attention)) {} }
    try Self.perform("decode_attention", [self, angles.cosine, out]) {
      ct_decode_attention(
        handle, &operands, rows.addresses, Int64(rows.count), Int64(layer), scratch.handle, out.handle, $0)
    }
  }
}

/// Keeps the memory of large tensors for the next ones of their size instead of giving it back to the system; for the
/// whole process, from now on.
package func keepTensorMemory() { ct_keep_memory() }
