/// Which pairs of tokens merge, into what, and how early: a hash table from (left, right) to (rank, result).
struct MergeTable: Sendable {
  private static let empty = UInt64.max
  private var keys: [UInt64]
  private var ranks: [UInt32]
  private var results: [Int32]
  private let mask: Int

  /// An empty table with room for `count` merges.
  init(capacity count: Int) {
    var size = 16
    while size < count * 2 { size *= 2 }
    keys = [UInt64](repeating: Self.empty, count: size)
    ranks = [UInt32](repeating: 0, count: size)
    results = [Int32](repeating: 0, count: size)
    mask = size - 1
  }

  /// Adds a merge; of two for one pair the later counts, as in the reference implementation.
  mutating func insert(_ left: Int32, _ right: Int32, rank: UInt32, result: Int32) {
    let slot = self.slot(left, right)
    keys[slot] = Self.key(left, right)
    ranks[slot] = rank
    results[slot] = result
  }

  /// The merge of a pair: a lower rank goes first.
  @inline(__always)
  func merge(_ left: Int32, _ right: Int32) -> (rank: UInt32, result: Int32)? {
    let slot = self.slot(left, right)
    return keys[slot] == Self.empty ? nil : (ranks[slot], results[slot])
  }

  @inline(__always)
  private static func key(_ left: Int32, _ right: Int32) -> UInt64 {
    UInt64(UInt32(bitPattern: left)) << 32 | UInt64(UInt32(bitPattern: right))
  }

  @inline(__always)
  private func slot(_ left: Int32, _ right: Int32) -> Int {
    let key = Self.key(left, right)
    var hash = key &* 0x9E37_79B9_7F4A_7C15
    hash ^= hash >> 32
    var slot = Int(truncatingIfNeeded: hash) & mask
    while keys[slot] != key, keys[slot] != Self.empty { slot = (slot + 1) & mask }
    return slot
  }
}
