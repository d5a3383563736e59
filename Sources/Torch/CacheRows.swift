import CTorch

/// The rows of a decoding batch: where the keys and values of each lie. Keeps the caches alive.
///
/// Either rows are made once and move on with their sequences (`append(_:length:attention:positions:)`, `advance`), or
/// they are put together for every step out of sequences that live elsewhere (`append(_:ahead:)`, `removeAll`), which
/// takes no new memory.
package struct CacheRows {
  private(set) var addresses: [ct_cache_row] = []
  private var owners: [(prefix: KeyValueCache, suffix: KeyValueCache)] = []

  package init() {}

  package var count: Int { addresses.count }
  /// The position that a row's next token takes.
  package func position(of row: Int) -> Int { Int(addresses[row].shared + addresses[row].own) }
  /// Whether a row's next token needs a larger suffix.
  package func isFull(_ row: Int) -> Bool { addresses[row].own == addresses[row].suffix_capacity }

  // MARK: Rows of a step

  /// Adds a row for the token of a sequence that is `ahead` of its next one.
  ///
  /// Several rows of one call may be tokens of one sequence, in any order, best side by side: all write their keys and
  /// values before any attends, and each sees what lies before its own position and itself. None of the tokens up to the
  /// furthest may be missing. The sequence has room for them, and advances by their number after the step.
  package mutating func append(_ sequence: SequenceCache, ahead: Int = 0) {
    precondition(ahead >= 0 && ahead < sequence.room, "a sequence has room for \(sequence.room) more tokens")
    var address = sequence.address
    address.own += Int64(ahead)
    addresses.append(address)
    owners.append(sequence.owners)
  }

  /// Lets all rows go, to put the next step together.
  package mutating func removeAll() {
    addresses.removeAll(keepingCapacity: true)
    owners.removeAll(keepingCapacity: true)
  }

  // MARK: Rows that stay

  /// Adds a row behind `length` positions of a prefix, with room for `positions` more to begin with.
  package mutating func append(
    _ prefix: KeyValueCache, length: Int, attention: Attention, positions: Int
  ) throws(TorchError) {
    let sequence = try SequenceCache(prefix, length: length, attention: attention, positions: positions)
    addresses.append(sequence.address)
    owners.append(sequence.owners)
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
