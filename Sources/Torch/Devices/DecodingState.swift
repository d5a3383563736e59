import CTorch

/// Everything that decoding some rows changes, on a device: caches, last tokens, lengths, and the tokens drawn in a block
/// of steps. A step is the same launches every time, which a graph can repeat.
package final class DecodingState {
  /// What the state is made for.
  package struct Shape: Sendable, Hashable {
    package var layers: Int
    package var rows: Int
    /// Positions that a row's cache holds.
    package var capacity: Int
    package var vocabulary: Int
    /// Steps whose tokens the host reads back at once.
    package var steps: Int
    /// Room for ids that end a row.
    package var stops: Int
    package var dtype: DType
    package var device: Device

    package init(
      layers: Int, rows: Int, capacity: Int, vocabulary: Int, steps: Int, stops: Int, dtype: DType,
      device: Device
    ) {
      self.layers = layers
      self.rows = rows
      self.capacity = capacity
      self.vocabulary = vocabulary
      self.steps = steps
      self.stops = stops
      self.dtype = dtype
      self.device = device
    }
  }

  package let shape: Shape
  private let handle: OpaquePointer

  /// Int64 `[rows]` each: the last token, the positions in the cache, the tokens that may still be drawn (0 for a row
  /// that has ended).
  package let tokens, lengths, left: Tensor
  /// Random numbers, int64 `[steps, rows]` in units of 2^-53.
  package let uniforms: Tensor
  /// Float32 `[4]`: 1 / temperature, top-k, top-p, min-p.
  package let settings: Tensor
  /// Int64 `[stops]`, -1 for none.
  package let stops: Tensor
  /// Int64 `[1]`: which of the steps comes next.
  package let step: Tensor
  /// What was drawn, `[steps, rows]`: int64, -1 for a row that had ended; float32 twice.
  package let drawn, logProbabilities, logMasses: Tensor

  package init(_ shape: Shape, attention: Attention) throws(TorchError) {
    self.shape = shape
    var made: OpaquePointer?
    var wanted = ct_decoding_shape(
      layers: Int64(shape.layers), rows: Int64(shape.rows), capacity: Int64(shape.capacity),
      kv_heads: Int64(attention.kvHeads), head_size: Int64(attention.headSize),
      vocabulary: Int64(shape.vocabulary), steps: Int64(shape.steps), stops: Int64(shape.stops),
      dtype: shape.dtype.code, device: shape.device.code)
    try Tensor.perform("decoding_new", [], wanted: [shape.layers, 2, shape.rows, shape.capacity]) {
      ct_decoding_new(&wanted, &made, $0)
    }
    guard let state = made else { preconditionFailure("decoding_new succeeded without its state") }
    func part(_ part: ct_decoding_part) throws(TorchError) -> Tensor {
      try Tensor.make("decoding_tensor", []) { ct_decoding_tensor(state, part, $0, $1) }
    }
    handle = state
    tokens = try part(CT_DECODING_TOKENS)
    lengths = try part(CT_DECODING_LENGTHS)
    left = try part(CT_DECODING_LEFT)
    uniforms = try part(CT_DECODING_UNIFORMS)
    settings = try part(CT_DECODING_SETTINGS)
    stops = try part(CT_DECODING_STOPS)
    step = try part(CT_DECODING_STEP)
    drawn = try part(CT_DECODING_DRAWN)
    logProbabilities = try part(CT_DECODING_LOG_PROBABILITIES)
    logMasses = try part(CT_DECODING_LOG_MASSES)
  }

  deinit { ct_decoding_free(handle) }

  /// The cache itself, `[layers, 2, rows, capacity, kvHeads, D]`, shared.
  package func cache() throws(TorchError) -> Tensor {
    defer { withExtendedLifetime(self) {} }
    return try Tensor.make("decoding_tensor", []) { ct_decoding_tensor(handle, CT_DECODING_CACHE, $0, $1) }
  }

  // MARK: A step

  /// The embeddings of the first rows' last tokens into `x` `[B, H]`, and the angles at their positions into `rows`.
  package func begin(
    embedding: Tensor, angles: Angles, count: Int, x: Tensor, rows: Angles
  ) throws(TorchError) {
    try Tensor.perform("decoding_begin", [embedding, x]) {
      ct_decoding_begin(
        handle, embedding.handle, angles.cosine.handle, angles.sine.handle, Int64(count), x.handle,
        rows.cosine.handle, rows.sine.handle, $0)
    }
    withExtendedLifetime((self, angles, rows)) {}
  }

  /// Queries, keys and values of one token a row `[B, (heads + 2 kvHeads) D]`: writes keys and values into the cache,
  /// attends to what each row sees, into `out` `[B, heads D]`.
  package func attend(
    _ qkv: Tensor, _ attention: Attention, angles: Angles, layer: Int, count: Int, into out: Tensor
  ) throws(TorchError) {
    var operands = attention.operands(angles)
    try Tensor.perform("decoding_attention", [qkv, out]) {
      ct_decoding_attention(handle, qkv.handle, &operands, Int64(layer), Int64(count), out.handle, $0)
    }
    withExtendedLifetime((self, angles, attention)) {}
  }

  /// Draws a token for each of the first rows of hidden states `[B, H]` (norm applied), writes the step down, and moves
  /// the rows on that go on.
  package func draw(_ hidden: Tensor, head: Tensor, count: Int, greedy: Bool, filters: Bool)
    throws(TorchError)
  {
    try Tensor.perform("decoding_draw", [hidden, head]) {
      ct_decoding_draw(handle, hidden.handle, head.handle, Int64(count), greedy, filters, $0)
    }
    withExtendedLifetime(self) {}
  }

  // MARK: Between steps

  /// Copies the first `length` tokens of `kept` (`Tensor.keepKeysAndValues`) from `start` on into a row's cache.
  package func place(_ kept: Tensor, start: Int, length: Int, row: Int) throws(TorchError) {
    try Tensor.perform("decoding_place", [kept]) {
      ct_decoding_place(handle, kept.handle, Int64(start), Int64(length), Int64(row), $0)
    }
    withExtendedLifetime(self) {}
  }

  /// Copies `length` positions of a row's cache to another row's.
  package func move(_ row: Int, to place: Int, length: Int) throws(TorchError) {
    try Tensor.perform("decoding_move", []) {
      ct_decoding_move(handle, Int64(row), Int64(place), Int64(length), $0)
    }
    withExtendedLifetime(self) {}
  }
}

extension Tensor {
  /// Keys and values of packed tokens, as attention computes them from `[N, (heads + 2 kvHeads) D]`, into a layer of
  /// `kept` `[layers, 2, N, kvHeads, D]`.
  package func keepKeysAndValues(_ attention: Attention, angles: Angles, in kept: Tensor, layer: Int)
    throws(TorchError)
  {
    var operands = attention.operands(angles)
    try Self.perform("decoding_keep", [self, kept]) {
      ct_decoding_keep(handle, &operands, kept.handle, Int64(layer), $0)
    }
    withExtendedLifetime((angles, attention)) {}
  }
}
