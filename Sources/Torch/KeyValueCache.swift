import CTorch

/// The keys and values of a stretch of positions, for all layers, in the order that attention reads them.
///
/// `[layers, 2, kvHeads, capacity, D padded to 16]`; blocks of 16 positions. Starts as zeros, since places that nothing
/// was written to are multiplied by zero.
package final class KeyValueCache {
  /// Positions in a block: caches begin and end with whole ones.
  package static let block = 16

  package let layers: Int
  package let capacity: Int
  package let dtype: DType
  let tensor: Tensor
  let base: UnsafeMutableRawPointer
  private let layerBytes: Int

  /// A cache for as many positions, filled up to whole blocks.
  package init(_ attention: Attention, layers: Int, positions: Int, dtype: DType) throws(TorchError) {
    self.layers = layers
    self.dtype = dtype
    capacity = Self.capacity(for: positions)
    tensor = try Tensor.zeros([layers, 2, attention.kvHeads, capacity, attention.paddedHeadSize], dtype)
    layerBytes = 2 * attention.kvHeads * capacity * attention.paddedHeadSize * dtype.size
    let base = try tensor.withBytes { bytes throws(TorchError) in bytes.baseAddress }
    guard let base else { preconditionFailure("a cache must have room for a position") }
    self.base = base
  }

  package static func capacity(for positions: Int) -> Int { (positions + block - 1) / block * block }

  func address(ofLayer layer: Int) -> UnsafeMutableRawPointer { base + layer * layerBytes }

  /// Copies whole blocks of all layers: `count` positions from `start`, to `place`; all multiples of a block.
  package func copy(from other: KeyValueCache, positions: Range<Int>, to place: Int) throws(TorchError) {
    precondition(
      positions.lowerBound % Self.block == 0 && positions.upperBound % Self.block == 0
        && place % Self.block == 0,
      "caches are copied in whole blocks")
    try Tensor.perform("cache_copy", [other.tensor, tensor]) {
      ct_cache_copy(
        other.tensor.handle, Int64(positions.lowerBound / Self.block), tensor.handle,
        Int64(place / Self.block),
        Int64(positions.count / Self.block), $0)
    }
  }
}

/// The rows of a decoding batch: where the keys and values of each lie. Keeps the caches alive.
package struct CacheRows {
  private(set) var addresses: [ct_cache_row] = []
  private var owners: [(prefix: KeyValueCache, suffix: KeyValueCache)] = []

  package init() {}

  package var count: Int { addresses.count }
  /// The position that a row's next token takes.
  package func position(of row: Int) -> Int { Int(addresses[row].shared + addresses[row].own) }
  /// Whether a row's next token needs a larger suffix.
  package func isFull(_ row: Int) -> Bool { addresses[row].own == addresses[row].suffix_capacity }

  /// Adds a row behind `length` positions of a prefix, with room for `positions` more to begin with.
  package mutating func append(
    _ prefix: KeyValueCache, length: Int, attention: Attention, positions: Int
  ) throws(TorchError) {
    let shared = length / KeyValueCache.block * KeyValueCache.block
    let suffix = try KeyValueCache(
      attention, layers: prefix.layers, positions: length - shared + positions, dtype: prefix.dtype)
    if length > shared {
      try suffix.copy(from: prefix, positions: shared..<shared + KeyValueCache.block, to: 0)
    }
    addresses.append(
      ct_cache_row(
        prefix: UnsafeRawPointer(prefix.base), prefix_capacity: Int64(prefix.capacity), shared: Int64(shared),
        suffix: suffix.base, suffix_capacity: Int64(suffix.capacity), own: Int64(length - shared)))
    owners.append((prefix, suffix))
  }

  /// Adds a row behind `shared` positions of a prefix, whole blocks, and `own` of a suffix. Rows with one suffix are
  /// tokens of one sequence, each with an `own` of its own.
  package mutating func append(
    _ prefix: KeyValueCache, shared: Int, suffix: KeyValueCache, own: Int
  ) {
    addresses.append(
      ct_cache_row(
        prefix: UnsafeRawPointer(prefix.base), prefix_capacity: Int64(prefix.capacity), shared: Int64(shared),
        suffix: suffix.base, suffix_capacity: Int64(suffix.capacity), own: Int64(own)))
    owners.append((prefix, suffix))
  }

  /// Gives a row a suffix for up to twice as many positions, at most `limit`.
  package mutating func grow(_ row: Int, attention: Attention, limit: Int) throws(TorchError) {
    let old = owners[row].suffix
    precondition(old.capacity < limit, "a row must not outgrow its limit")
    let new = try KeyValueCache(
      attention, layers: old.layers, positions: min(2 * old.capacity, limit), dtype: old.dtype)
    try new.copy(from: old, positions: 0..<old.capacity, to: 0)
    owners[row].suffix = new
    addresses[row].suffix = new.base
    addresses[row].suffix_capacity = Int64(new.capacity)
  }

  /// Counts the position that every row's last token took.
  package mutating func advance() {
    for row in addresses.indices { addresses[row].own += 1 }
  }

  /// Puts a row into an earlier row's place.
  package mutating func move(_ row: Int, to place: Int) {
    addresses[place] = addresses[row]
    owners[place] = owners[row]
  }

  /// Lets the rows behind `count` go.
  package mutating func truncate(to count: Int) {
    addresses.removeLast(addresses.count - count)
    owners.removeLast(owners.count - count)
  }

  func checkFit(_ attention: Attention, layer: Int, dtype: DType) {
    guard let first = owners.first else { return }
    precondition(
      first.prefix.dtype == dtype && first.suffix.dtype == dtype && (0..<first.prefix.layers).contains(layer),
      "the caches hold \(first.prefix.layers) layers in \(first.prefix.dtype), not layer \(layer) in \(dtype)"
    )
  }
}
