internal import Torch

/// A decoder's weights in the order that the kernels read them. Shared by all copies of the decoder; brought up to the
/// weights in place after an update.
package struct DecoderPanels {
  private var layers: [[FusedLinear: LinearPanels]]
  // Nil on a device, whose operations read the weights as they are.
  private var headPanels: Tensor?
  private var headTransposed: Tensor?

  /// Lays out the weights; `layers` stay empty when products are libtorch's own.
  init(_ weights: DecoderWeights, exact: Bool) throws(TorchError) {
    let exact = exact && !weights.head.takesDeviceOperations
    headPanels = weights.head.takesDeviceOperations ? nil : try weights.head.panels()
    layers = []
    for layer in weights.layers {
      var panels: [FusedLinear: LinearPanels] = [:]
      if exact {
        for linear in FusedLinear.allCases {
          panels[linear] = LinearPanels(forward: try layer[linear].panels())
        }
      }
      layers.append(panels)
    }
  }

  func panels(_ layer: Int, _ linear: FusedLinear) -> LinearPanels? { layers[layer][linear] }

  func head(_ weight: Tensor) -> Head { Head(weight, panels: headPanels, transposed: headTransposed) }

  /// Adds what gradients need.
  mutating func prepareForGradients(_ weights: DecoderWeights) throws(TorchError) {
    if headPanels != nil { headTransposed = try weights.head.panels(transposed: true) }
    for index in layers.indices {
      for linear in layers[index].keys {
        layers[index][linear]?.transposed = try weights.layers[index][linear].panels(transposed: true)
      }
    }
  }

  /// Adds the panels of an adapter.
  mutating func add(_ adapter: LowRankAdapter, _ weights: DecoderWeights) throws(TorchError) {
    for index in layers.indices {
      for linear in layers[index].keys {
        layers[index][linear]?.lowRank = try adapter.layers[index][linear]?
          .panels(of: weights.layers[index][linear])
      }
    }
  }

  /// Brings the adapter's panels up to its values.
  func refresh(_ adapter: LowRankAdapter, _ weights: DecoderWeights, layer index: Int) throws(TorchError) {
    for (linear, panels) in layers[index] {
      guard let parts = adapter.layers[index][linear] else { continue }
      _ = try parts.panels(of: weights.layers[index][linear], into: panels.lowRank)
    }
  }

  /// Brings the panels of a layer up to the weights.
  func refresh(_ weights: DecoderWeights, layer index: Int) throws(TorchError) {
    for (linear, panels) in layers[index] {
      let weight = weights.layers[index][linear]
      _ = try weight.panels(into: panels.forward)
      if let transposed = panels.transposed { _ = try weight.panels(transposed: true, into: transposed) }
    }
  }

  /// Brings the head's panels up to its weight.
  func refreshHead(_ weights: DecoderWeights) throws(TorchError) {
    if let headPanels { _ = try weights.head.panels(into: headPanels) }
    if let headTransposed { _ = try weights.head.panels(transposed: true, into: headTransposed) }
  }
}

extension LayerWeights {
  /// The matrix that LoRA can adapt.
  subscript(linear: FusedLinear) -> Tensor {
    switch linear {
    case .qkv: qkv
    case .output: output
    case .gateUp: gateUp
    case .down: down
    }
  }
}
