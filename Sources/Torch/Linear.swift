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
    precondition(offsets.count == widths.count, "every part needs an offset and a width")
    self.a = a
    self.b = b
    self.offsets = offsets
    self.widths = widths
    self.scale = scale
  }

  /// Elements of a row of x a^T as the kernels keep it: every part's rank filled up to 16.
  package var paddedRank: Int { (b.shape[1] + 15) / 16 * 16 * widths.count }
}

/// The weights of a linear layer in the order that the kernels read them.
package struct LinearPanels {
  /// For x W^T.
  package let forward: Tensor
  /// For the gradient, g W; nil where nothing learns.
  package var transposed: Tensor?
  /// Of the low-rank parts; made again when they change (`Tensor.lowRankPanels`).
  package var lowRank: Tensor?

  package init(forward: Tensor, transposed: Tensor? = nil, lowRank: Tensor? = nil) {
    self.forward = forward
    self.transposed = transposed
    self.lowRank = lowRank
  }
}

/// A linear layer as its operations take it: x W^T + bias + low-rank parts.
///
/// Over panels every row of a product is the same number whatever rows are computed beside it. Without panels the
/// product is libtorch's own, whose rounding may depend on the batch.
package final class Linear {
  package let weight: Tensor
  package let bias: Tensor?
  package let panels: LinearPanels?
  package let lowRank: LowRankParts?
  private let extents: UnsafeMutablePointer<Int64>
  /// At one address as long as the layer lives, so that groups of rows can refer to it.
  let operands: UnsafeMutablePointer<ct_linear>

  /// Weight `[out, in]`, bias `[out]`.
  package init(
    _ weight: Tensor, bias: Tensor? = nil, panels: LinearPanels? = nil, lowRank: LowRankParts? = nil
  ) {
    self.weight = weight
    self.bias = bias
    self.panels = panels
    self.lowRank = lowRank
    let parts = lowRank?.widths.count ?? 0
    extents = .allocate(capacity: max(1, 2 * parts))
    for index in 0..<parts {
      extents[index] = Int64(lowRank?.offsets[index] ?? 0)
      extents[parts + index] = Int64(lowRank?.widths[index] ?? 0)
    }
    operands = .allocate(capacity: 1)
    operands.initialize(
      to: ct_linear(
        weight: weight.handle, bias: bias?.handle, panels: panels?.forward.handle,
        transposed: panels?.transposed?.handle, a: lowRank?.a.handle, b: lowRank?.b.handle,
        low_panels: lowRank == nil ? nil : panels?.lowRank?.handle, offsets: extents, widths: extents + parts,
        parts: Int32(parts), scale: lowRank?.scale ?? 0))
  }

  deinit {
    operands.deallocate()
    extents.deallocate()
  }

  /// Its tensors, for errors.
  var tensors: [Tensor?] { [weight, bias, lowRank?.a, lowRank?.b] }
}

extension Tensor {
  /// A matrix `[N, K]` in panels for x W^T, or transposed for g W; written over `existing` when it is given.
  package func panels(transposed: Bool = false, into existing: Tensor? = nil) throws(TorchError) -> Tensor {
    try Self.make("panels", [self]) { ct_panels(handle, transposed, existing?.handle, $0, $1) }
  }
}

extension LowRankParts {
  /// The panels of the parts of a layer with this weight; written over `existing` when it is given. Without `gradients`
  /// they are half as large, and good for x W^T alone.
  package func panels(of weight: Tensor, gradients: Bool = true, into existing: Tensor? = nil)
    throws(TorchError) -> Tensor
  {
    let layer = Linear(weight, lowRank: self)
    return try Tensor.make("low_rank_panels", layer.tensors) {
      ct_low_rank_panels(layer.operands, gradients, existing?.handle, $0, $1)
    }
  }
}
