internal import Torch

/// Memory and operands of decoding on a device for up to a number of rows: one token for each row is the same launches
/// every time, recorded as a graph for each number of rows that is used.
///
/// In the scope that makes CPU tensors take a device's operations there are no graphs, and every step launches anew.
final class DeviceDecodingSpace {
  /// How tokens are drawn, as far as it changes what is launched.
  struct Drawing: Hashable {
    let greedy: Bool
    let filters: Bool
  }

  let rows, capacity, stops: Int
  let state: DecodingState
  private let decoder: Decoder
  private let layers: [Layer]
  private let x, normed, qkv, mixed, gateUp: Tensor
  private let angles: Angles
  private var graphs: [Recorded: DeviceGraph] = [:]

  /// Steps that are drawn before the host looks.
  static let steps = 8

  private struct Layer {
    let inputNorm, postNorm: Tensor
    let attention: Attention
    let qkv, output, gateUp, down: Linear
  }

  private struct Recorded: Hashable {
    let rows: Int
    let drawing: Drawing
  }

  init(_ decoder: Decoder, rows: Int, capacity: Int, stops: Int) throws(TorchError) {
    self.decoder = decoder
    self.rows = rows
    self.capacity = capacity
    self.stops = stops
    let model = decoder.configuration
    let device = decoder.device
    layers = decoder.weights.layers.enumerated().map { index, weights in
      Layer(
        inputNorm: weights.inputNorm, postNorm: weights.postNorm, attention: decoder.attention(index),
        qkv: decoder.linear(index, .qkv), output: decoder.linear(index, .output),
        gateUp: decoder.linear(index, .gateUp), down: decoder.linear(index, .down))
    }
    let type = decoder.dtype
    x = try Tensor.empty([rows, model.hidden], type, on: device)
    normed = try Tensor.empty([rows, model.hidden], type, on: device)
    qkv = try Tensor.empty([rows, model.qkvWidth], type, on: device)
    mixed = try Tensor.empty([rows, model.heads * model.headSize], type, on: device)
    gateUp = try Tensor.empty([rows, 2 * model.intermediate], type, on: device)
    angles = Angles(
      cosine: try Tensor.empty([rows, model.headSize / 2], .float32, on: device),
      sine: try Tensor.empty([rows, model.headSize / 2], .float32, on: device))
    state = try DecodingState(
      .init(
        layers: model.layers, rows: rows, capacity: capacity, vocabulary: model.vocabulary, steps: Self.steps,
        stops: stops, dtype: type, device: device), attention: decoder.attention(0))
  }

  /// Launches `steps` tokens for the first `count` rows.
  func launch(_ drawing: Drawing, count: Int) throws(TorchError) {
    try state.step.fillZero()
    guard decoder.device.isCUDA else {
      for _ in 0..<Self.steps { try next(drawing, count: count) }
      return
    }
    let key = Recorded(rows: count, drawing: drawing)
    let graph: DeviceGraph
    if let recorded = graphs[key] {
      graph = recorded
    } else {
      graph = try record(drawing, count: count)
      graphs[key] = graph
    }
    for _ in 0..<Self.steps { try graph.replay() }
  }

  /// One more token for the first `count` rows.
  private func next(_ drawing: Drawing, count: Int) throws(TorchError) {
    let epsilon = decoder.configuration.normEpsilon
    try state.begin(
      embedding: decoder.weights.embedding, angles: decoder.rotary.angles, count: count, x: x, rows: angles)
    for (index, layer) in layers.enumerated() {
      try x.decodeLinear(layer.inputNorm, epsilon: epsilon, layer.qkv, count: count, into: qkv)
      try state.attend(qkv, layer.attention, angles: angles, layer: index, count: count, into: mixed)
      try mixed.decodeLinear(layer.output, count: count, addTo: x)
      try x.decodeLinear(layer.postNorm, epsilon: epsilon, layer.gateUp, count: count, into: gateUp)
      try gateUp.decodeGatedLinear(layer.down, count: count, addTo: x)
    }
    try x.decodeNorm(decoder.weights.finalNorm, epsilon: epsilon, count: count, into: normed)
    try state.draw(
      normed, head: decoder.weights.head, count: count, greedy: drawing.greedy, filters: drawing.filters)
  }

  /// Records a step. It is run once before, since libraries set themselves up on first use; with no token left to any
  /// row, which leaves all as it was but for the keys and values that the next step writes again.
  private func record(_ drawing: Drawing, count: Int) throws(TorchError) -> DeviceGraph {
    let left = try Tensor.empty([rows], .int64, on: decoder.device)
    try left.copy(from: state.left)
    try state.left.fillZero()
    try next(drawing, count: count)
    let graph = try DeviceGraph(on: decoder.device) { () throws(TorchError) in
      try next(drawing, count: count)
    }
    try state.left.copy(from: left)
    try state.step.fillZero()
    return graph
  }
}
