import CTorch

/// The keys and values of one sequence while it is read and decoded: positions from 0 in a prefix that others may share,
/// the rest in a suffix of its own.
///
/// A copy is the same sequence, not another one: both write to one suffix.
package struct SequenceCache {
  /// Nil when the sequence shares nothing.
  package let prefix: KeyValueCache?
  private var suffix: KeyValueCache
  private(set) var address: ct_cache_row

  /// A sequence of the first `length` tokens of a prefix, with room for `positions` more, at least one.
  ///
  /// Whole blocks of the prefix are shared; what is left of `length` is copied.
  package init(
    _ prefix: KeyValueCache, length: Int, attention: Attention, positions: Int
  ) throws(TorchError) {
    let shared = length / KeyValueCache.block * KeyValueCache.block
    let suffix = try KeyValueCache(
      attention, layers: prefix.layers, positions: length - shared + positions, dtype: prefix.dtype)
    if length > shared {
      try suffix.copy(from: prefix, positions: shared..<shared + KeyValueCache.block, to: 0)
    }
    self.prefix = prefix
    self.suffix = suffix
    address = ct_cache_row(
      prefix: UnsafeRawPointer(prefix.base), prefix_capacity: Int64(prefix.capacity), shared: Int64(shared),
      suffix: suffix.base, suffix_capacity: Int64(suffix.capacity), own: Int64(length - shared))
  }

  /// A sequence without tokens, with room for `positions`, at least one.
  package init(_ attention: Attention, layers: Int, positions: Int, dtype: DType) throws(TorchError) {
    prefix = nil
    suffix = try KeyValueCache(attention, layers: layers, positions: positions, dtype: dtype)
    // Nobody reads a prefix of no positions.
    address = ct_cache_row(
      prefix: UnsafeRawPointer(suffix.base), prefix_capacity: 0, shared: 0, suffix: suffix.base,
      suffix_capacity: Int64(suffix.capacity), own: 0)
  }

  /// A sequence whose keys and values lie in a cache from its beginning, `count` of them so far.
  package init(in cache: KeyValueCache, count: Int) {
    precondition(count <= cache.capacity, "\(count) positions do not fit into a cache of \(cache.capacity)")
    prefix = nil
    suffix = cache
    address = ct_cache_row(
      prefix: UnsafeRawPointer(cache.base), prefix_capacity: 0, shared: 0, suffix: cache.base,
      suffix_capacity: Int64(cache.capacity), own: Int64(count))
  }

  /// Where the block of positions from `block` times 16 on lies.
  package func place(ofBlock block: Int) -> (cache: KeyValueCache, position: Int) {
    let position = block * KeyValueCache.block
    let shared = Int(address.shared)
    if let prefix, position < shared { return (prefix, position) }
    return (suffix, position - shared)
  }

  /// Tokens whose keys and values are there; the next one takes this position.
  package var count: Int { Int(address.shared + address.own) }
  /// Tokens that still fit without growing.
  package var room: Int { Int(address.suffix_capacity - address.own) }
  /// Memory of its own, without the prefix.
  package var bytes: Int { suffix.bytes }
  var owners: (prefix: KeyValueCache, suffix: KeyValueCache) { (prefix ?? suffix, suffix) }

  /// Counts tokens that rows of the last step have written.
  package mutating func advance(by tokens: Int = 1) {
    precondition(tokens <= room, "\(tokens) tokens do not fit into room for \(room)")
    address.own += Int64(tokens)
  }

  /// Makes room for so many more tokens by taking a suffix that is at least twice as large, but for `limit` positions of
  /// the whole sequence at most.
  package mutating func makeRoom(for tokens: Int, attention: Attention, limit: Int) throws(TorchError) {
    guard room < tokens else { return }
    precondition(count + tokens <= limit, "\(count) + \(tokens) tokens exceed the limit of \(limit)")
    let needed = Int(address.own) + tokens
    let new = try KeyValueCache(
      attention, layers: suffix.layers,
      positions: max(needed, min(2 * suffix.capacity, limit - Int(address.shared))), dtype: suffix.dtype)
    try new.copy(from: suffix, positions: 0..<suffix.capacity, to: 0)
    suffix = new
    address.suffix = new.base
    address.suffix_capacity = Int64(new.capacity)
    if prefix == nil { address.prefix = UnsafeRawPointer(new.base) }
  }

  /// A cache of the first `positions` tokens, whole blocks, for other sequences to share: the prefix itself when it
  /// holds just these.
  package func leading(_ positions: Int, attention: Attention) throws(TorchError) -> KeyValueCache {
    precondition(
      positions > 0 && positions % KeyValueCache.block == 0 && positions <= count,
      "\(positions) positions are not whole blocks of a sequence of \(count)")
    if let prefix, prefix.capacity == positions, Int(address.shared) == positions { return prefix }
    let cache = try KeyValueCache(
      attention, layers: suffix.layers, positions: positions, dtype: suffix.dtype)
    let shared = min(Int(address.shared), positions)
    if let prefix, shared > 0 { try cache.copy(from: prefix, positions: 0..<shared, to: 0) }
    if positions > shared { try cache.copy(from: suffix, positions: 0..<positions - shared, to: shared) }
    return cache
  }
}
