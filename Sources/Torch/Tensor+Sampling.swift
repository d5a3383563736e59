import CTorch

/// Where the keys and values of one decoding row lie: a prefix shared by its group, and a suffix of its own.
///
/// Both caches are `[layers, 2, capacity, kvHeads, D]` in the model's number format.
package struct CacheRow {
  package let prefix: Tensor
  package let prefixLength: Int
  package let suffix: Tensor
  /// Tokens in the suffix; the next one is written behind them.
  package var suffixLength: Int

  package init(prefix: Tensor, prefixLength: Int, suffix: Tensor, suffixLength: Int) {
    self.prefix = prefix
    self.prefixLength = prefixLength
    self.suffix = suffix
    self.suffixLength = suffixLength
  }
}

/// The addresses of a batch's caches, for the layers of one decoding step. Keeps the caches alive.
package struct CacheRows {
  let rows: [ct_cache_row]
  /// What all caches have in common; the shim reads them as raw memory and can check nothing.
  let layout: Layout?
  private let owners: [CacheRow]

  struct Layout: Hashable {
    let layers: Int
    let kvHeads: Int
    let headSize: Int
    let dtype: DType
  }

  /// Traps when the caches do not have one layout.
  package init(_ rows: [CacheRow]) throws(TorchError) {
    owners = rows
    var addresses: [ct_cache_row] = []
    addresses.reserveCapacity(rows.count)
    var layout: Layout?
    for row in rows {
      let (prefixLayout, prefixCapacity, prefix) = try Self.look(at: row.prefix)
      let (suffixLayout, suffixCapacity, suffix) = try Self.look(at: row.suffix)
      precondition(
        prefixLayout == suffixLayout && (layout ?? prefixLayout) == prefixLayout,
        "the caches of a batch must agree in layers, heads and number format")
      layout = prefixLayout
      addresses.append(
        ct_cache_row(
          prefix: prefix, prefix_capacity: Int64(prefixCapacity), prefix_length: Int64(row.prefixLength),
          suffix: suffix, suffix_capacity: Int64(suffixCapacity), suffix_length: Int64(row.suffixLength)))
    }
    self.rows = addresses
    self.layout = layout
  }

  private static func look(at cache: Tensor) throws(TorchError) -> (Layout, Int, UnsafeMutableRawPointer) {
    let shape = cache.shape
    precondition(
      shape.count == 5 && shape[1] == 2, "a cache is [layers, 2, capacity, kvHeads, D], not \(shape)")
    let base = try cache.withBytes { bytes throws(TorchError) in bytes.baseAddress }
    guard let base else { preconditionFailure("a cache must not be empty") }
    return (
      Layout(layers: shape[0], kvHeads: shape[3], headSize: shape[4], dtype: cache.dtype), shape[2], base
    )
  }
}

/// How a row's token is drawn; the filters apply in the order top-k, top-p, min-p.
package struct Draw: Sendable, Hashable {
  /// 0 takes the most likely token.
  package var temperature: Double
  package var topP: Double
  package var minP: Double
  package var topK: Int
  /// The row's random number, in [0, 1).
  package var uniform: Double

  package init(temperature: Double, topP: Double = 1, minP: Double = 0, topK: Int = 0, uniform: Double) {
    self.temperature = temperature
    self.topP = topP
    self.minP = minP
    self.topK = topK
    self.uniform = uniform
  }
}

/// A token that was drawn.
package struct Drawn: Sendable, Hashable {
  package var token: Int32
  /// Under the distribution it was drawn from; at temperature 0, under that of temperature 1.
  package var logProbability: Float
  /// Log of the share of probability that the filters kept; 0 when they kept all.
  package var logMass: Float
}

extension Tensor {
  /// One token a row: writes its key and value into the row's suffix and attends to prefix, suffix and itself.
  /// q `[B, heads, D]`, k and v `[B, kvHeads, D]`, to `[B, heads, D]`.
  package static func decodeAttention(q: Tensor, k: Tensor, v: Tensor, rows: CacheRows, layer: Int)
    throws(TorchError) -> Tensor
  {
    defer { withExtendedLifetime(rows) {} }
    let shape = k.shape
    precondition(
      shape.count == 3 && shape[0] == rows.rows.count && q.shape[0] == shape[0],
      "there must be one query, key and value for each of \(rows.rows.count) rows")
    if let layout = rows.layout {
      precondition(
        shape[1] == layout.kvHeads && shape[2] == layout.headSize && k.dtype == layout.dtype
          && (0..<layout.layers).contains(layer),
        "the caches hold \(layout), not layer \(layer) of keys \(shape) in \(k.dtype)")
    }
    return try make("decode_attention", q, k, v) { out, error in
      ct_decode_attention(q.handle, k.handle, v.handle, rows.rows, Int64(layer), out, error)
    }
  }

  /// Draws a token for each row of float32 logits `[B, V]`.
  package func sample(_ draws: [Draw]) throws(TorchError) -> [Drawn] {
    precondition(draws.count == shape[0], "there must be one draw a row")
    let requests = draws.map {
      ct_draw(
        temperature: $0.temperature, top_p: $0.topP, min_p: $0.minP, top_k: Int64($0.topK),
        uniform: $0.uniform)
    }
    var drawn = [ct_drawn](repeating: ct_drawn(), count: draws.count)
    try Self.perform("sample", self) { ct_sample(handle, requests, &drawn, $0) }
    return drawn.map {
      Drawn(token: Int32($0.token), logProbability: $0.log_probability, logMass: $0.log_mass)
    }
  }
}
