internal import Torch

/// The memory and the operands of decoding for up to a number of rows: made once, used for every token.
///
/// One more token for each row goes through the same arithmetic as `Decoder.hidden`.
final class DecodingSpace {
  let attention: Attention
  private let decoder: Decoder
  private let layers: [Layer]
  private let head: Head
  private let x, normed, qkv, scratch, mixed, gateUp, active, low, logits: Tensor
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
    let type = decoder.dtype
    let queries = model.heads * model.headSize
    x = try Tensor.empty([rows, model.hidden], type)
    normed = try Tensor.empty([rows, model.hidden], type)
    qkv = try Tensor.empty([rows, queries + 2 * model.kvHeads * model.headSize], type)
    scratch = try Tensor.empty([rows, queries], type)
    mixed = try Tensor.empty([rows, queries], type)
    gateUp = try Tensor.empty([rows, 2 * model.intermediate], type)
    active = try Tensor.empty([rows, model.intermediate], type)
    let widest = layers.flatMap { [$0.qkv, $0.output, $0.gateUp, $0.down] }.map {
      $0.lowRank?.paddedRank ?? 0
    }.max()
    low = try Tensor.empty([rows * max(1, widest ?? 0)], type)
    logits = try Tensor.empty([rows, model.vocabulary], .float32)
    angles = Angles(
      cosine: try Tensor.empty([rows, model.headSize / 2], .float32),
      sine: try Tensor.empty([rows, model.headSize / 2], .float32))
  }

  /// Draws one more token for every row from what it has seen and `ids`, its last token. The caches take the keys and
  /// values of `ids`; `drawn` is as long as `draws`.
  func next(
    _ ids: [Int32], positions: [Int64], rows: CacheRows, draws: [Draw], into drawn: inout [Drawn]
  ) throws(TorchError) {
    let count = ids.count
    let epsilon = decoder.configuration.normEpsilon
    try x.beginDecoding(
      ids, embedding: decoder.weights.embedding, positions: positions, angles: decoder.rotary.angles,
      into: angles)
    for index in layers.indices {
      let layer = layers[index]
      try x.normLinear(
        layer.inputNorm, epsilon: epsilon, layer.qkv, count: count, normed: normed, low: low, into: qkv)
      try qkv.decodeAttention(
        layer.attention, angles: angles, rows: rows, layer: index, scratch: scratch, into: mixed)
      try mixed.linear(layer.output, count: count, low: low, addTo: x)
      try x.normLinear(
        layer.postNorm, epsilon: epsilon, layer.gateUp, count: count, normed: normed, low: low, into: gateUp)
      try gateUp.gatedLinear(layer.down, count: count, active: active, low: low, addTo: x)
    }
    try draw(from: x, draws, into: &drawn)
  }

  /// Draws a token for each of the first rows of hidden states before the last norm, `[B, H]`.
  func draw(from hidden: Tensor, _ draws: [Draw], into drawn: inout [Drawn]) throws(TorchError) {
    try hidden.rmsNorm(
      decoder.weights.finalNorm, epsilon: decoder.configuration.normEpsilon, count: draws.count, into: normed)
    try normed.sample(head, draws: draws, logits: logits, into: &drawn)
  }
}
