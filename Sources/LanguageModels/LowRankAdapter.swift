internal import Foundation
package import Records
package import Torch

/// LoRA (Hu et al. 2021) on some linears of every layer: W x + alpha / rank * B A x.
///
/// The adapters of linears that share a matrix share one A and one B, parts below each other; files take them
/// apart again (`parts`). B is zero at the start, so the first log-probabilities are the base's bit for bit.
package struct LowRankAdapter {
  package let rank: Int
  package let alpha: Double
  package let targets: Set<LinearTarget>
  package let configuration: ModelConfiguration
  /// For each layer, the adapted matrices.
  package let layers: [[FusedLinear: LowRankParts]]

  package var scale: Double { alpha / Double(rank) }

  /// A new adapter in `dtype`, A drawn as PEFT draws it: uniform within 1 / sqrt(in).
  package init(
    _ plan: LoRAPlan, configuration: ModelConfiguration, seed: UInt64, dtype: DType, device: Device = .cpu
  ) throws(TorchError) {
    var random = SplitMix64(seed: seed)
    try self.init(plan, configuration: configuration) { (matrix, _, shape) throws(TorchError) in
      guard matrix == .a else { return try Tensor.zeros(shape, dtype, on: device) }
      let bound = 1 / Double(shape[1]).squareRoot()
      let values = (0..<shape[0] * shape[1]).map { _ in
        Float.random(in: -Float(bound)...Float(bound), using: &random)
      }
      return try Tensor.floats(values, shape, dtype).on(device)
    }
  }

  /// One of the two matrices of an adapted one.
  package enum Matrix: Sendable, Hashable { case a, b }

  /// An adapter of matrices that are made one after the other, each with its name and shape.
  package init<Failure: Error>(
    _ plan: LoRAPlan, configuration: ModelConfiguration,
    make: (Matrix, _ name: String, _ shape: [Int]) throws(Failure) -> Tensor
  ) throws(Failure) {
    rank = plan.rank
    alpha = plan.alpha
    let targets = Set(plan.targets)
    self.targets = targets
    self.configuration = configuration
    var layers: [[FusedLinear: LowRankParts]] = []
    for index in 0..<configuration.layers {
      var layer: [FusedLinear: LowRankParts] = [:]
      for linear in FusedLinear.allCases {
        let parts = linear.parts(in: configuration).filter { targets.contains($0.target) }
        guard !parts.isEmpty else { continue }
        let name = "layers.\(index).\(linear.rawValue)."
        let outputs = parts.reduce(0) { $0 + $1.width }
        layer[linear] = LowRankParts(
          a: try make(.a, name + "a", [parts.count * rank, linear.inputs(in: configuration)]),
          b: try make(.b, name + "b", [outputs, rank]),
          offsets: parts.map(\.offset), widths: parts.map(\.width), scale: plan.alpha / Double(plan.rank))
      }
      layers.append(layer)
    }
    self.layers = layers
  }

  private init(copying other: LowRankAdapter, layers: [[FusedLinear: LowRankParts]]) {
    rank = other.rank
    alpha = other.alpha
    targets = other.targets
    configuration = other.configuration
    self.layers = layers
  }

  /// Every A and B with its name, in a fixed order.
  package var named: [(name: String, tensor: Tensor)] {
    layers.enumerated().flatMap { index, layer in
      FusedLinear.allCases.flatMap { linear -> [(String, Tensor)] in
        guard let parts = layer[linear] else { return [] }
        let prefix = "layers.\(index).\(linear.rawValue)."
        return [(prefix + "a", parts.a), (prefix + "b", parts.b)]
      }
    }
  }

  /// The same adapter over other tensors.
  package func mapped(_ transform: (String, Tensor) throws(TorchError) -> Tensor) throws(TorchError)
    -> LowRankAdapter
  {
    var mapped: [[FusedLinear: LowRankParts]] = []
    for (index, layer) in layers.enumerated() {
      var copy: [FusedLinear: LowRankParts] = [:]
      for linear in FusedLinear.allCases {
        guard let parts = layer[linear] else { continue }
        let prefix = "layers.\(index).\(linear.rawValue)."
        copy[linear] = LowRankParts(
          a: try transform(prefix + "a", parts.a), b: try transform(prefix + "b", parts.b),
          offsets: parts.offsets, widths: parts.widths, scale: parts.scale)
      }
      mapped.append(copy)
    }
    return LowRankAdapter(copying: self, layers: mapped)
  }

  /// One Hugging Face layer's A `[r, in]` and B `[out, r]`.
  package struct Part {
    package let layer: Int
    package let target: LinearTarget
    package let a: Tensor
    package let b: Tensor
  }

  /// The adapter taken apart into Hugging Face layers, in order.
  package func parts() throws(TorchError) -> [Part] {
    var all: [Part] = []
    for (index, layer) in layers.enumerated() {
      for linear in FusedLinear.allCases {
        guard let fused = layer[linear] else { continue }
        let parts = linear.parts(in: configuration).filter { targets.contains($0.target) }
        var row = 0
        for (place, part) in parts.enumerated() {
          all.append(
            Part(
              layer: index, target: part.target, a: try fused.a.rows(place * rank..<(place + 1) * rank),
              b: try fused.b.rows(row..<row + part.width)))
          row += part.width
        }
      }
    }
    return all
  }
}

extension FusedLinear {
  /// A Hugging Face layer inside the fused matrix: its rows.
  package struct Part: Sendable, Hashable {
    package let target: LinearTarget
    package let offset: Int
    package let width: Int
  }

  /// The Hugging Face layers that this matrix holds, top to bottom.
  package func parts(in model: ModelConfiguration) -> [Part] {
    let query = model.heads * model.headSize
    let key = model.kvHeads * model.headSize
    switch self {
    case .qkv:
      return [
        Part(target: .q, offset: 0, width: query), Part(target: .k, offset: query, width: key),
        Part(target: .v, offset: query + key, width: key),
      ]
    case .output: return [Part(target: .o, offset: 0, width: model.hidden)]
    case .gateUp:
      return [
        Part(target: .gate, offset: 0, width: model.intermediate),
        Part(target: .up, offset: model.intermediate, width: model.intermediate),
      ]
    case .down: return [Part(target: .down, offset: 0, width: model.hidden)]
    }
  }

  /// Columns of this matrix.
  package func inputs(in model: ModelConfiguration) -> Int {
    switch self {
    case .qkv, .gateUp: model.hidden
    case .output: model.heads * model.headSize
    case .down: model.intermediate
    }
  }
}
