internal import Torch

/// The memory and the operands of decoding for up to a number of rows: made once, used for every token.
///
/// One more token for each row goes through the same arithmetic as `Decoder.hidden`.
final class DecodingSpace {
  let attention: Attention
  let widths: LayerWidths
  private let decoder: Decoder
  private let layers: [Layer]
  private let head: Head
  private let x, normed, scratch, active, logits: Tensor
  private let buffers: StepBuffers
  private let angles: Angles

  private struct Layer {
    let inputNorm, postNorm: Tensor
    let attention: Attention
    let qkv, output, gateUp, down: Linear
  }

  init(_ decoder: Decoder, rows: Int) throws(TorchError) {
    self.decoder = decoder
    let model = decoder.configuration
    layers = decoder.weights.layers.enumerated().map { index, weights in
      Layer(
        inputNorm: weights.inputNorm, postNorm: weights.postNorm, attention: decoder.attention(index),
        qkv: decoder.linear(index, .qkv), output: decoder.linear(index, .output),
        gateUp: decoder.linear(index, .gateUp), down: decoder.linear(index, .down))
    }
    attention = decoder.attention(0)
    head = decoder.head
    widths = LayerWidths(
      model,
      linears: [
        .qkv: layers[0].qkv, .output: layers[0].output, .gateUp: layers[0].gateUp, .down: layers[0].down,
      ])
    let type = decoder.dtype
    x = try Tensor.empty([rows, model.hidden], type)
    normed = try Tensor.empty([rows, model.hidden], type)
    scratch = try Tensor.empty([rows, model.heads * model.headSize], type)
    active = try Tensor.empty([rows, model.intermediate], type)
    logits = try Tensor.empty([rows, model.vocabulary], .float32)
    buffers = try StepBuffers(scratchFor: rows, hidden: x, widths, type)
    angles = Angles(
      cosine: try Tensor.empty([rows, model.headSize / 2], .float32),
      sine: try Tensor.empty([rows, model.headSize / 2], .float32))
  }

  /// Memory for all that is made of so many rows, of one step or several.
  func record(of rows: Int) throws(TorchError) -> StepBuffers {
    try StepBuffers(recordOf: rows, layers: layers.count, widths, decoder.dtype)
  }

  /// Draws one more token for every row from what it has seen and `ids`, its last token. The caches take the keys and
  /// values of `ids`, and `record` all that the layers make; `drawn` is as long as `draws`.
  func next(
    _ ids: [Int32], positions: [Int64], rows: CacheRows, draws: [Draw], into drawn: inout [Drawn],
    record: StepBuffers? = nil
  ) throws(TorchError) {
    let count = ids.count
    let epsilon = decoder.configuration.normEpsilon
    let made = record ?? buffers
    try x.beginDecoding(
      ids, embedding: decoder.weights.embedding, positions: positions, angles: decoder.rotary.angles,
      into: angles)
    var hidden = x.place()
    for index in layers.indices {
      let layer = layers[index]
      let middle = made.result(.output, layer: index)
      try hidden.normLinear(
        layer.inputNorm, epsilon: epsilon, layer.qkv, count: count, normed: normed,
        low: made.aside(.qkv, layer: index), into: made.result(.qkv, layer: index))
      try made.result(.qkv, layer: index).decodeAttention(
        layer.attention, angles: angles, rows: rows, layer: index, scratch: scratch,
        into: made.result(.attention, layer: index), logSums: made.aside(.attention, layer: index))
      try made.result(.attention, layer: index).linear(
        layer.output, count: count, low: made.aside(.output, layer: index), addedTo: hidden, into: middle)
      try middle.normLinear(
        layer.postNorm, epsilon: epsilon, layer.gateUp, count: count, normed: normed,
        low: made.aside(.gateUp, layer: index), into: made.result(.gateUp, layer: index))
      hidden = made.result(.down, layer: index)
      try made.result(.gateUp, layer: index).gatedLinear(
        layer.down, count: count, active: active, low: made.aside(.down, layer: index), addedTo: middle,
        into: hidden)
    }
    try draw(from: hidden, draws, into: &drawn)
  }

  /// Draws a token for each of some rows of hidden states before the last norm, `[B, H]`.
  func draw(from hidden: RowPlace, _ draws: [Draw], into drawn: inout [Drawn]) throws(TorchError) {
    try hidden.rmsNorm(
      decoder.weights.finalNorm, epsilon: decoder.configuration.normEpsilon, count: draws.count, into: normed)
    try normed.sample(head, draws: draws, logits: logits, into: &drawn)
  }
}
