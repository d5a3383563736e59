import CTorch

/// The layers' steps of decoding on a device, on the first rows of a batch: into tensors that are there already, so that a
/// graph can repeat them.
extension Tensor {
  /// rmsNorm of the first `count` rows into `out`.
  package func decodeNorm(_ weight: Tensor, epsilon: Double, count: Int, into out: Tensor) throws(TorchError)
  {
    try Self.perform("rms_norm", [self, weight, out]) {
      ct_decoding_norm(handle, weight.handle, epsilon, Int64(count), out.handle, $0)
    }
  }

  /// linear(rmsNorm(x)) of the first `count` rows into `out`.
  package func decodeLinear(
    _ norm: Tensor, epsilon: Double, _ linear: Linear, count: Int, into out: Tensor
  ) throws(TorchError) {
    try Self.perform("norm_linear", [self, norm] + linear.tensors) {
      ct_decoding_norm_linear(
        handle, norm.handle, epsilon, linear.operands, Int64(count), out.handle, $0)
    }
  }

  /// Adds linear(x) of the first `count` rows to `sum`.
  package func decodeLinear(_ linear: Linear, count: Int, addTo sum: Tensor) throws(TorchError) {
    try Self.perform("linear_add", [self, sum] + linear.tensors) {
      ct_decoding_linear_add(handle, linear.operands, Int64(count), sum.handle, $0)
    }
  }

  /// Adds linear(silu(gate) * up) of the first `count` rows to `sum`.
  package func decodeGatedLinear(_ linear: Linear, count: Int, addTo sum: Tensor) throws(TorchError) {
    try Self.perform("gated_linear_add", [self, sum] + linear.tensors) {
      ct_decoding_gated_linear_add(handle, linear.operands, Int64(count), sum.handle, $0)
    }
  }
}
