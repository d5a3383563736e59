package import Torch

/// The memory and the operands of decoding for up to a number of rows: made once, used for every token.
///
/// One more token for each row goes through the same arithmetic as `Decoder.hidden`.
package final class DecodingSpace {
  /// The most rows of a step, and the most that draw.
  package let rows, drawingRows: Int
  package let attention: Attention
  let widths: LayerWidths
  private let decoder: Decoder
  private let layers: [Layer]
  private let head: Head
  private let x, normed, scratch, active, logits: Tensor
  private var buffers: StepBuffers
  private let angles: Angles
  /// Rows of `x` that hold the last step's hidden states.
  private var filled = 0

  private struct Layer {
    let inputNorm, postNorm: Tensor
    let attention: Attention
    let qkv, output, gateUp, down: Linear

    subscript(linear: FusedLinear) -> Linear {
      switch linear {
      case .qkv: qkv
      case .output: output
      case .gateUp: gateUp
      case .down: down
      }
    }
  }

  /// For up to `rows` rows, of which up to `drawing` draw: all unless it is given.
  package init(_ decoder: Decoder, rows: Int, drawing: Int? = nil) throws(TorchError) {
    self.decoder = decoder
    self.rows = rows
    drawingRows = min(rows, drawing ?? rows)
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
    logits = try Tensor.empty([drawingRows, model.vocabulary], .float32)
    buffers = try StepBuffers(scratchFor: rows, hidden: x, widths, type)
    angles = Angles(
      cosine: try Tensor.empty([rows, model.headSize / 2], .float32),
      sine: try Tensor.empty([rows, model.headSize / 2], .float32))
  }

  /// Memory for all that is made of so many rows, of one step or several.
  func record(of rows: Int) throws(TorchError) -> StepBuffers {
    try StepBuffers(recordOf: rows, layers: layers.count, widths, decoder.dtype)
  }

  /// One step of every row: the caches take the keys and values of `ids`, each row's last token, and the first
  /// `draws.count` rows draw their next one. The others, which are in the middle of a prompt, draw nothing.
  ///
  /// `groups` parts the rows by adapter, and are all of them; none means that the decoder goes as it is. An adapter may
  /// have several groups. `terms` are as in `Tensor.sample`, and so is what is returned. `drawn` is as long as `draws`;
  /// `record` takes all that the layers make.
  @discardableResult
  package func next(
    _ ids: [Int32], positions: [Int64], rows: CacheRows, groups: [AdapterGroup] = [], draws: [Draw],
    terms: [DrawTerms] = [], into drawn: inout [Drawn]
  ) throws(TorchError) -> [[LikelyToken]] {
    try next(
      ids, positions: positions, rows: rows, groups: groups, draws: draws, terms: terms, into: &drawn,
      record: nil)
  }

  @discardableResult
  func next(
    _ ids: [Int32], positions: [Int64], rows: CacheRows, groups: [AdapterGroup] = [], draws: [Draw],
    terms: [DrawTerms] = [], into drawn: inout [Drawn], record: StepBuffers?
  ) throws(TorchError) -> [[LikelyToken]] {
    let count = ids.count
    precondition(
      count <= self.rows && rows.count == count && draws.count <= min(count, drawingRows),
      "\(count) tokens and \(draws.count) draws do not fit into a space for \(self.rows), \(drawingRows) drawing"
    )
    precondition(
      groups.isEmpty || (record == nil && groups.reduce(0) { $0 + $1.rows } == count),
      "the groups must be all \(count) rows")
    if !groups.isEmpty {
      let low = groups.reduce(0) { $0 + $1.rows * ($1.adapter?.lowWidth ?? 0) }
      try buffers.makeRoom(low: low, decoder.dtype)
    }
    defer { withExtendedLifetime(groups) {} }
    let epsilon = decoder.configuration.normEpsilon
    let made = record ?? buffers
    filled = 0
    try x.beginDecoding(
      ids, embedding: decoder.weights.embedding, positions: positions, angles: decoder.rotary.angles,
      into: angles)
    var hidden = x.place()
    for index in layers.indices {
      let layer = layers[index]
      func parted(_ linear: FusedLinear) -> LinearGroups {
        guard !groups.isEmpty else { return .one(layer[linear], rows: count) }
        return .several(
          groups.map { ($0.adapter?.linear(index, linear) ?? layer[linear], $0.rows) })
      }
      let middle = made.result(.output, layer: index)
      try hidden.normLinear(
        layer.inputNorm, epsilon: epsilon, parted(.qkv), normed: normed, low: made.aside(.qkv, layer: index),
        into: made.result(.qkv, layer: index))
      try made.result(.qkv, layer: index).decodeAttention(
        layer.attention, angles: angles, rows: rows, layer: index, scratch: scratch,
        into: made.result(.attention, layer: index), logSums: made.aside(.attention, layer: index))
      try made.result(.attention, layer: index).linear(
        parted(.output), low: made.aside(.output, layer: index), addedTo: hidden, into: middle)
      try middle.normLinear(
        layer.postNorm, epsilon: epsilon, parted(.gateUp), normed: normed,
        low: made.aside(.gateUp, layer: index), into: made.result(.gateUp, layer: index))
      hidden = made.result(.down, layer: index)
      try made.result(.gateUp, layer: index).gatedLinear(
        parted(.down), active: active, low: made.aside(.down, layer: index), addedTo: middle, into: hidden)
    }
    if record == nil { filled = count }
    return try draw(from: hidden, draws, terms: terms, into: &drawn)
  }

  /// Draws a token for each of some rows of hidden states before the last norm, `[B, H]`.
  @discardableResult
  func draw(from hidden: RowPlace, _ draws: [Draw], terms: [DrawTerms] = [], into drawn: inout [Drawn])
    throws(TorchError) -> [[LikelyToken]]
  {
    guard !draws.isEmpty else { return [] }
    try hidden.rmsNorm(
      decoder.weights.finalNorm, epsilon: decoder.configuration.normEpsilon, count: draws.count, into: normed)
    return try normed.sample(head, draws: draws, terms: terms, logits: logits, into: &drawn)
  }

  /// Hidden states before the last norm of some rows of the last step, `[n, H]`, as `Decoder.hidden` gives them; good
  /// until the next step.
  package func hidden(_ rows: Range<Int>) throws(TorchError) -> Tensor {
    precondition(rows.upperBound <= filled, "the last step had \(filled) rows, not \(rows)")
    return try x.rows(rows)
  }
}
