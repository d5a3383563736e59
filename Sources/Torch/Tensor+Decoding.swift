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

  /// The rows from `first` on: as many as an operation is about.
  package func place(_ first: Int = 0) -> RowPlace { RowPlace(tensor: self, first: first) }
}

/// Rows of a tensor from one on, to be read or written.
package struct RowPlace {
  let tensor: Tensor
  let first: Int

  var record: ct_place { ct_place(tensor: tensor.handle, first: Int64(first)) }

  /// rmsNorm of `count` rows into the first of `out`.
  package func rmsNorm(_ weight: Tensor, epsilon: Double, count: Int, into out: Tensor) throws(TorchError) {
    try Tensor.perform("rms_norm", [tensor, weight, out]) {
      ct_rms_norm_into(record, weight.handle, epsilon, Int64(count), out.handle, $0)
    }
  }

  /// linear(rmsNorm(x)) of the groups' rows into `out`; `normed` `[B, in]` is scratch, `low` keeps x a^T.
  package func normLinear(
    _ norm: Tensor, epsilon: Double, _ groups: LinearGroups, normed: Tensor, low: RowPlace, into out: RowPlace
  ) throws(TorchError) {
    try Tensor.perform("norm_linear", [tensor, norm] + groups.tensors) { error in
      groups.with { groups, count in
        ct_norm_linear_into(
          record, norm.handle, epsilon, groups, count, normed.handle, low.record, out.record, error)
      }
    }
  }

  /// linear(x) + residual of the groups' rows into `out`, which may be the residual.
  package func linear(
    _ groups: LinearGroups, low: RowPlace, addedTo residual: RowPlace, into out: RowPlace
  ) throws(TorchError) {
    try Tensor.perform("linear_add", [tensor, residual.tensor] + groups.tensors) { error in
      groups.with { groups, count in
        ct_linear_add_into(record, groups, count, low.record, residual.record, out.record, error)
      }
    }
  }

  /// linear(silu(gate) * up) + residual of the groups' rows into `out`; `active` `[B, in]` is scratch.
  package func gatedLinear(
    _ groups: LinearGroups, active: Tensor, low: RowPlace, addedTo residual: RowPlace, into out: RowPlace
  ) throws(TorchError) {
    try Tensor.perform("gated_linear_add", [tensor, residual.tensor] + groups.tensors) { error in
      groups.with { groups, count in
        ct_gated_linear_add_into(
          record, groups, count, active.handle, low.record, residual.record, out.record, error)
      }
    }
  }

  /// One token a row, queries, keys and values side by side `[B, (heads + 2 kvHeads) D]`: writes keys and values into
  /// the rows' caches, attends to all that each row sees, into `out` `[B, heads D]` and `logSums` float32 `[B, heads]`;
  /// `scratch` is as large as `out`.
  package func decodeAttention(
    _ attention: Attention, angles: Angles, rows: CacheRows, layer: Int, scratch: Tensor, into out: RowPlace,
    logSums: RowPlace
  ) throws(TorchError) {
    rows.checkFit(attention, layer: layer, dtype: tensor.dtype)
    var operands = attention.operands(angles)
    defer { withExtendedLifetime((rows, angles, attention)) {} }
    try Tensor.perform("decode_attention", [tensor, angles.cosine, out.tensor]) {
      ct_decode_attention(
        record, &operands, rows.addresses, Int64(rows.count), Int64(layer), scratch.handle, out.record,
        logSums.record,
        $0)
    }
  }
}

/// Keeps the memory of large tensors for the next ones of their size instead of giving it back to the system; for the
/// whole process, from now on.
package func keepTensorMemory() { ct_keep_memory() }
