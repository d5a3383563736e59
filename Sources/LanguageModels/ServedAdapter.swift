package import Torch

/// An adapter beside a decoder's own weights, for the rows of a batch that want it (`AdapterGroup`).
///
/// It keeps the panels of its low-rank parts; the decoder's are shared. Adapters of different ranks and targets go side
/// by side, and a row becomes the same numbers, bit for bit, as in a decoder that has adopted the adapter.
package final class ServedAdapter {
  package let adapter: LowRankAdapter
  /// Memory of its matrices and their panels.
  package let bytes: Int
  /// Elements that x a^T takes of a row, at most.
  let lowWidth: Int
  private let linears: [[FusedLinear: Linear]]

  /// The adapter must be of the decoder's shape and type, and the decoder must not have adopted another.
  package init(_ adapter: LowRankAdapter, beside decoder: Decoder) throws(TorchError) {
    precondition(decoder.adapter == nil, "a decoder that has adopted an adapter can have no other beside it")
    precondition(
      adapter.configuration.hasShape(of: decoder.configuration),
      "the adapter is of another model than the decoder")
    self.adapter = adapter
    var bytes = 0
    var lowWidth = 0
    var linears: [[FusedLinear: Linear]] = []
    for (index, layer) in adapter.layers.enumerated() {
      var adapted: [FusedLinear: Linear] = [:]
      for linear in FusedLinear.allCases {
        guard let parts = layer[linear] else { continue }
        precondition(parts.a.dtype == decoder.dtype, "the adapter is not in the decoder's type")
        let base = decoder.linear(index, linear)
        var panels = base.panels
        if panels != nil { panels?.lowRank = try parts.panels(of: base.weight, gradients: false) }
        adapted[linear] = Linear(base.weight, bias: base.bias, panels: panels, lowRank: parts)
        bytes += (parts.a.count + parts.b.count + (panels?.lowRank?.count ?? 0)) * decoder.dtype.size
        lowWidth = max(lowWidth, parts.paddedRank)
      }
      linears.append(adapted)
    }
    self.bytes = bytes
    self.lowWidth = lowWidth
    self.linears = linears
  }

  /// The adapted layer; nil where the base is left as it is.
  func linear(_ layer: Int, _ linear: FusedLinear) -> Linear? { linears[layer][linear] }
}

/// Rows of a batch that have their adapter in common: as many behind those of the group before.
package struct AdapterGroup {
  /// Nil for the base.
  package let adapter: ServedAdapter?
  package let rows: Int

  package init(_ adapter: ServedAdapter?, rows: Int) {
    precondition(rows > 0, "a group has at least one row")
    self.adapter = adapter
    self.rows = rows
  }
}

extension ModelConfiguration {
  /// Whether weights of this model have the shapes of another's.
  func hasShape(of other: ModelConfiguration) -> Bool {
    (hidden, intermediate, layers, heads, kvHeads, headSize)
      == (other.hidden, other.intermediate, other.layers, other.heads, other.kvHeads, other.headSize)
  }
}
