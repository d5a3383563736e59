/// The bytes of every token by id, and the way back for the tokens that merges can make.
///
/// One flat buffer and an open-addressing table: a vocabulary of 150,000 tokens is two allocations, and a
/// lookup compares bytes, not strings under Unicode equivalence.
struct PieceTable: Sendable {
  private var bytes: [UInt8] = []
  /// Where the bytes of an id start; one more entry than there are ids.
  private var starts: [Int] = [0]
  private var slots: [Int32]
  private let mask: Int

  /// An empty table with room for `count` tokens.
  init(capacity count: Int) {
    var size = 16
    while size < count * 2 { size *= 2 }
    slots = [Int32](repeating: -1, count: size)
    mask = size - 1
    starts.reserveCapacity(count + 1)
    bytes.reserveCapacity(count * 8)
  }

  /// One more than the highest id.
  var count: Int { starts.count - 1 }

  /// Gives the next id these bytes; `findable` when a merge may make them.
  mutating func append(_ piece: [UInt8], findable: Bool) {
    let id = Int32(count)
    bytes.append(contentsOf: piece)
    starts.append(bytes.count)
    guard findable else { return }
    piece.withUnsafeBufferPointer { piece in
      let slot = self.slot(of: piece)
      if slots[slot] < 0 { slots[slot] = id }
    }
  }

  /// The bytes of a token; `id` must be one of the table's.
  func withBytes<R>(of id: Int32, _ body: (UnsafeBufferPointer<UInt8>) -> R) -> R {
    let range = starts[Int(id)]..<starts[Int(id) + 1]
    return bytes.withUnsafeBufferPointer { body(UnsafeBufferPointer(rebasing: $0[range])) }
  }

  /// The findable token that has these bytes.
  func id(of piece: UnsafeBufferPointer<UInt8>) -> Int32? {
    let id = slots[slot(of: piece)]
    return id < 0 ? nil : id
  }

  /// The slot that holds `piece`, or the free one where it belongs.
  private func slot(of piece: UnsafeBufferPointer<UInt8>) -> Int {
    var slot = Int(truncatingIfNeeded: WordHash.of(piece)) & mask
    while slots[slot] >= 0, !holds(slots[slot], piece) { slot = (slot + 1) & mask }
    return slot
  }

  private func holds(_ id: Int32, _ piece: UnsafeBufferPointer<UInt8>) -> Bool {
    withBytes(of: id) { $0.count == piece.count && $0.elementsEqual(piece) }
  }
}

/// A 64-bit hash of short byte strings: FNV-1a by eight bytes at a time, with a final mix.
///
/// Not keyed: what it indexes is either a vocabulary or a cache whose collisions overwrite, so chosen
/// collisions cost nothing but a miss.
enum WordHash {
  static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
    var hash: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(bytes.count)
    var index = 0
    while index + 8 <= bytes.count {
      let word = UnsafeRawPointer(bytes.baseAddress!).loadUnaligned(fromByteOffset: index, as: UInt64.self)
      hash = (hash ^ word) &* 0x9E37_79B9_7F4A_7C15
      hash ^= hash >> 29
      index += 8
    }
    while index < bytes.count {
      hash = (hash ^ UInt64(bytes[index])) &* 0x100_0000_01B3
      index += 1
    }
    hash ^= hash >> 32
    hash = hash &* 0x9E37_79B9_7F4A_7C15
    return hash ^ (hash >> 29)
  }
}
