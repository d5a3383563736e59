internal import Records
internal import Torch

/// Something that is computed over a route and over the processor's kernels, in float32, and must be the same but for
/// rounding.
package struct ParityCheck: Sendable, CustomStringConvertible {
  package let name: String
  /// The largest difference, over the largest number, that passes.
  package let tolerance: Double
  let outputs: @Sendable (Site) throws -> [[Float]]

  package var description: String { name }

  init(
    _ name: String, tolerance: Double = 2e-5, outputs: @escaping @Sendable (Site) throws -> [[Float]]
  ) {
    self.name = name
    self.tolerance = tolerance
    self.outputs = outputs
  }

  /// The largest difference of any of the outputs, over that output's largest number.
  package func deviation(over route: DeviceRoute) throws -> Double {
    let expected = try DeviceRoute.kernels.run { try outputs(Site(route: .kernels)) }
    let found = try route.run { try outputs(Site(route: route)) }
    guard expected.map(\.count) == found.map(\.count) else { return .infinity }
    return zip(expected, found).map(relativeDifference).max() ?? .infinity
  }

  /// Every operation with its gradients, decoding, and whole training steps.
  package static let all = operations + decoding + training
}

/// The largest difference of two arrays over the largest number of the first; infinite when a number is none.
func relativeDifference(_ a: [Float], _ b: [Float]) -> Double {
  var difference: Float = 0
  var largest: Float = 0
  for (x, y) in zip(a, b) {
    guard x.isFinite, y.isFinite else { return .infinity }
    difference = max(difference, abs(x - y))
    largest = max(largest, abs(x))
  }
  return largest == 0 ? Double(difference) : Double(difference) / Double(largest)
}

/// Where a check makes its tensors: the same numbers over every route.
struct Site {
  let route: DeviceRoute

  var device: Device { route.device }
  /// Whether weights must be laid out in panels.
  var usesKernels: Bool { route == .kernels }

  /// Uniform numbers of a seed.
  func tensor(_ shape: [Int], seed: UInt64, spread: Float = 1, around middle: Float = 0) throws -> Tensor {
    var random = SplitMix64(seed: seed)
    let values = (0..<shape.reduce(1, *)).map { _ in
      middle + spread * Float.random(in: -1...1, using: &random)
    }
    return try Tensor.floats(values, shape).on(device)
  }

  func leaf(_ shape: [Int], seed: UInt64, spread: Float = 1, around middle: Float = 0) throws -> Tensor {
    try tensor(shape, seed: seed, spread: spread, around: middle).leaf(requiresGradient: true)
  }

  /// Sends a gradient of a seed back, and returns the output and what the leaves collected.
  func outputs(_ output: Tensor, leaves: [Tensor], seed: UInt64 = 99) throws -> [[Float]] {
    try output.backward(gradient: tensor(output.shape, seed: seed))
    return try [output.floats()]
      + leaves.map { leaf in
        guard let gradient = try leaf.gradient() else { return [] }
        return try gradient.floats()
      }
  }

  /// A linear layer over leaves, `parts` of it adapted; with what learns.
  func linear(
    _ outputs: Int, _ inputs: Int, hasBias: Bool = false, rank: Int = 0,
    parts: [(offset: Int, width: Int)] = []
  ) throws -> (linear: Linear, leaves: [Tensor]) {
    let weight = try leaf([outputs, inputs], seed: 1, spread: 0.3)
    let bias = hasBias ? try leaf([outputs], seed: 2) : nil
    var lowRank: LowRankParts?
    var leaves = [weight] + (bias.map { [$0] } ?? [])
    if !parts.isEmpty {
      let a = try leaf([parts.count * rank, inputs], seed: 3, spread: 0.3)
      let b = try leaf([parts.reduce(0) { $0 + $1.width }, rank], seed: 4, spread: 0.3)
      lowRank = LowRankParts(
        a: a, b: b, offsets: parts.map(\.offset), widths: parts.map(\.width), scale: 1.5)
      leaves += [a, b]
    }
    var panels: LinearPanels?
    if usesKernels {
      panels = LinearPanels(
        forward: try weight.panels(), transposed: try weight.panels(transposed: true),
        lowRank: try lowRank?.panels(of: weight))
    }
    return (Linear(weight, bias: bias, panels: panels, lowRank: lowRank), leaves)
  }

  func head(_ weight: Tensor) throws -> Head {
    guard usesKernels else { return Head(weight, panels: nil) }
    return Head(weight, panels: try weight.panels(), transposed: try weight.panels(transposed: true))
  }

  /// Angles of the rotary embedding at some positions.
  func angles(_ positions: [Int], headSize: Int) throws -> Angles {
    var cosines: [Float] = []
    var sines: [Float] = []
    for position in positions {
      for pair in 0..<headSize / 2 {
        let angle = Double(position) / (1 + 3 * Double(pair))
        cosines.append(Float(cosine(angle)))
        sines.append(Float(sine(angle)))
      }
    }
    let shape = [positions.count, headSize / 2]
    return Angles(
      cosine: try Tensor.floats(cosines, shape).on(device), sine: try Tensor.floats(sines, shape).on(device))
  }
}
