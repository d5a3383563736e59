import CTorch

extension Tensor {
  /// This output weight `[V, H]` laid out for the machine's kernel; shares the weight where there is none.
  package func packedHead() throws(TorchError) -> Tensor {
    try Self.make("head_pack", self) { ct_head_pack(handle, $0, $1) }
  }

  /// Logits in float32: hidden `[M, H]` to `[M, V]`. Not recorded for the gradient.
  package func headLogits(_ weight: Tensor, packed: Tensor) throws(TorchError) -> Tensor {
    try Self.make("head_logits", self, weight, packed) {
      ct_head_logits(handle, weight.handle, packed.handle, $0, $1)
    }
  }

  /// Log-probability of each target under softmax(hidden W^T / temperature), and the entropy of that
  /// distribution: hidden `[M, H]`, targets int64 `[M]`, to two float32 `[M]`.
  ///
  /// The logits exist only in blocks. The gradient flows through the first output.
  package func headLogProbabilities(
    _ weight: Tensor, packed: Tensor, targets: Tensor, temperature: Double
  ) throws(TorchError) -> (logProbabilities: Tensor, entropy: Tensor) {
    var logProbabilities: OpaquePointer?
    var entropy: OpaquePointer?
    try Self.perform("head_log_probabilities", self, weight, packed, targets) {
      ct_head_log_probabilities(
        handle, weight.handle, packed.handle, targets.handle, temperature, &logProbabilities, &entropy, $0)
    }
    guard let logProbabilities, let entropy else {
      preconditionFailure("head_log_probabilities succeeded without its outputs")
    }
    return (Tensor(owning: logProbabilities), Tensor(owning: entropy))
  }
}
