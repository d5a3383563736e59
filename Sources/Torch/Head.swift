import CTorch

/// The output head: its weight and what its kernels read of it.
package struct Head {
  /// `[V, H]`
  package let weight: Tensor
  /// Nil where the head is on a device, whose operations need none.
  package let panels: Tensor?
  /// For the gradient; nil where nothing learns.
  package var transposed: Tensor?

  package init(_ weight: Tensor, panels: Tensor?, transposed: Tensor? = nil) {
    self.weight = weight
    self.panels = panels
    self.transposed = transposed
  }

  var operands: ct_head {
    ct_head(weight: weight.handle, panels: panels?.handle, transposed: transposed?.handle)
  }
}

extension Tensor {
  /// Log-probability of each target under softmax(hidden W^T / temperature), and the entropy of that distribution:
  /// hidden `[M, H]`, targets int64 `[M]`, to two float32 `[M]`.
  ///
  /// The logits exist only in blocks. The gradient flows through the first output.
  package func headLogProbabilities(_ head: Head, targets: Tensor, temperature: Double) throws(TorchError)
    -> (
      logProbabilities: Tensor, entropy: Tensor
    )
  {
    var logProbabilities: OpaquePointer?
    var entropy: OpaquePointer?
    var operands = head.operands
    defer { withExtendedLifetime(head) {} }
    try Self.perform("head_log_probabilities", [self, head.weight, targets]) {
      ct_head_log_probabilities(
        handle, &operands, targets.handle, temperature, &logProbabilities, &entropy, $0)
    }
    guard let logProbabilities, let entropy else {
      preconditionFailure("head_log_probabilities succeeded without its outputs")
    }
    return (Tensor(owning: logProbabilities), Tensor(owning: entropy))
  }

  /// Draws a token for each of the first `draws.count` rows of hidden states `[B, H]`; `logits` receives theirs,
  /// float32 `[B, V]`. Writes over `drawn`, which is as long as `draws`.
  package func sample(_ head: Head, draws: [Draw], logits: Tensor, into drawn: inout [Drawn])
    throws(TorchError)
  {
    precondition(drawn.count == draws.count, "there must be a place for every draw")
    var operands = head.operands
    defer { withExtendedLifetime(head) {} }
    try Self.perform("head_sample", [self, head.weight, logits]) { error in
      draws.withUnsafeBytes { draws in
        drawn.withUnsafeMutableBytes { drawn in
          guard let requests = draws.bindMemory(to: ct_draw.self).baseAddress,
            let answers = drawn.bindMemory(to: ct_drawn.self).baseAddress
          else { return true }
          return ct_head_sample(
            handle, &operands, requests, Int64(draws.count / MemoryLayout<ct_draw>.stride), logits.handle,
            answers, error)
        }
      }
    }
  }
}
