import CTorch

extension Tensor {
  /// Rows of an embedding: weight `[V, H]`, ids int64 `[N]`, to `[N, H]`.
  package static func embedding(_ weight: Tensor, ids: Tensor) throws(TorchError) -> Tensor {
    try make("embedding", [weight, ids]) { ct_embedding(weight.handle, ids.handle, $0, $1) }
  }

  /// Root-mean-square norm of every row (Zhang and Sennrich 2019): `[N, H]`, weight `[H]`.
  package func rmsNorm(_ weight: Tensor, epsilon: Double) throws(TorchError) -> Tensor {
    try Self.make("rms_norm", [self, weight]) { ct_rms_norm(handle, weight.handle, epsilon, $0, $1) }
  }

  /// linear(rmsNorm(x)): `[N, in]` to `[N, out]`. Takes its result from `given`, or tells `keep` what it makes.
  package func normLinear(
    _ norm: Tensor, epsilon: Double, _ linear: Linear, given: Made? = nil, keep: ((Made) -> Void)? = nil
  ) throws(TorchError) -> Tensor {
    try Made.use(given, keep) { made throws(TorchError) in
      try Self.make("norm_linear", [self, norm] + linear.tensors) {
        ct_norm_linear(handle, norm.handle, epsilon, linear.operands, made, $0, $1)
      }
    }
  }

  /// linear(x) + residual: `[N, in]` and `[N, out]` to `[N, out]`.
  package func linear(
    _ linear: Linear, addedTo residual: Tensor, given: Made? = nil, keep: ((Made) -> Void)? = nil
  ) throws(TorchError) -> Tensor {
    try Made.use(given, keep) { made throws(TorchError) in
      try Self.make("linear_add", [self, residual] + linear.tensors) {
        ct_linear_add(handle, linear.operands, residual.handle, made, $0, $1)
      }
    }
  }

  /// linear(silu(gate) * up) + residual: gate and up side by side `[N, 2 in]`, the gate's columns first.
  package func gatedLinear(
    _ linear: Linear, addedTo residual: Tensor, given: Made? = nil, keep: ((Made) -> Void)? = nil
  ) throws(TorchError) -> Tensor {
    try Made.use(given, keep) { made throws(TorchError) in
      try Self.make("gated_linear_add", [self, residual] + linear.tensors) {
        ct_gated_linear_add(handle, linear.operands, residual.handle, made, $0, $1)
      }
    }
  }
}
