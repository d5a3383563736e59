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
  ///
  /// `terms` are empty, or there is one for every draw; returned are the likely tokens that they want, by row, or nothing
  /// when no term wants or changes anything.
  @discardableResult
  package func sample(
    _ head: Head, draws: [Draw], terms: [DrawTerms] = [], logits: Tensor, into drawn: inout [Drawn]
  ) throws(TorchError) -> [[LikelyToken]] {
    precondition(drawn.count == draws.count, "there must be a place for every draw")
    precondition(terms.isEmpty || terms.count == draws.count, "there must be terms for every draw, or none")
    guard terms.contains(where: { !$0.isPlain }) else {
      try Self.perform("head_sample", [self, head.weight, logits]) {
        call(head, draws, nil, logits, &drawn, $0)
      }
      return []
    }
    var records = TermRecords(terms, vocabulary: head.weight.shape[0])
    try Self.perform("head_sample", [self, head.weight, logits]) { error in
      records.with { call(head, draws, $0, logits, &drawn, error) }
    }
    return records.reported
  }

  private func call(
    _ head: Head, _ draws: [Draw], _ terms: UnsafePointer<ct_draw_terms>?, _ logits: Tensor,
    _ drawn: inout [Drawn], _ error: UnsafeMutablePointer<ct_error>
  ) -> Bool {
    var operands = head.operands
    defer { withExtendedLifetime(head) {} }
    return draws.withUnsafeBytes { draws in
      drawn.withUnsafeMutableBytes { drawn in
        guard let requests = draws.bindMemory(to: ct_draw.self).baseAddress,
          let answers = drawn.bindMemory(to: ct_drawn.self).baseAddress
        else { return true }
        return ct_head_sample(
          handle, &operands, requests, terms, Int64(draws.count / MemoryLayout<ct_draw>.stride),
          logits.handle, answers, error)
      }
    }
  }

  /// Log-probability of each target under softmax(hidden W^T), and the most likely tokens of each row: hidden `[B, H]`,
  /// of which the first `targets.count` rows are scored. No gradient; the logits exist only in blocks.
  package func scores(_ head: Head, targets: [Int32], likelyCount: Int) throws(TorchError) -> [TargetScore] {
    var operands = head.operands
    defer { withExtendedLifetime(head) {} }
    var logProbabilities = [Float](repeating: 0, count: targets.count)
    var likely = [ct_likely](
      repeating: ct_likely(token: -1, log_probability: 0), count: targets.count * max(0, likelyCount))
    try Self.perform("head_scores", [self, head.weight]) {
      ct_head_scores(
        handle, &operands, targets, Int64(targets.count), &logProbabilities, &likely,
        Int32(clamping: likelyCount), $0)
    }
    let rows = LikelyToken.rows(likely, repeatElement(max(0, likelyCount), count: targets.count))
    return zip(logProbabilities, rows).map { TargetScore(logProbability: $0, likely: $1) }
  }
}

/// The log-probability of a given token, and the most likely tokens in its place.
package struct TargetScore: Sendable, Hashable {
  package let logProbability: Float
  package let likely: [LikelyToken]

  package init(logProbability: Float, likely: [LikelyToken]) {
    self.logProbability = logProbability
    self.likely = likely
  }
}
