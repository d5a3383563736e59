import CTorch

extension Tensor {
  /// A leaf of the gradient's graph that shares this tensor's memory.
  package func leaf(requiresGradient: Bool) throws(TorchError) -> Tensor {
    try Self.make("leaf", [self]) { ct_leaf(handle, requiresGradient, $0, $1) }
  }

  /// Sends this gradient back through the operations that made the tensor, into their leaves.
  package func backward(gradient: Tensor) throws(TorchError) {
    try Self.perform("backward", [self, gradient]) { ct_backward(handle, gradient.handle, $0) }
  }

  /// What `backward` has collected in this leaf; nil when nothing reached it.
  package func gradient() throws(TorchError) -> Tensor? {
    var out: OpaquePointer?
    try Self.perform("gradient", [self]) { ct_gradient(handle, &out, $0) }
    return out.map(Tensor.init(owning:))
  }

  /// Drops what `backward` has collected in this leaf.
  package func clearGradient() { withExtendedLifetime(self) { ct_clear_gradient(handle) } }
}

/// Runs `body` without recording operations. Synchronous on purpose: the mode belongs to the thread.
package func withoutGradients<Result>(_ body: () throws(TorchError) -> Result) throws(TorchError) -> Result {
  let before = ct_set_gradient_mode(false)
  defer { _ = ct_set_gradient_mode(before) }
  return try body()
}

/// Makes ATen run each operation of the calling thread on that thread alone.
///
/// Parallelism is over independent parts of a batch (`Shards`): OpenMP's barriers stall when anything else
/// runs on the machine.
package func useOneThreadPerOperation() { ct_set_threads(1) }
