import Synchronization

/// The ids of words seen before; natural text repeats most of its words.
///
/// Direct-mapped: a word that hashes to a taken slot replaces what is there, so the size is bounded and
/// nothing has to be thrown out. Safe to use from several threads.
final class WordCache: Sendable {
  private struct Entry {
    var word: [UInt8]
    var ids: [Int32]
  }
  private static let slotCount = 1 << 14
  /// A longer word is unlikely to come again.
  private static let longestWord = 64
  private let slots = Mutex<[Entry?]>([Entry?](repeating: nil, count: slotCount))

  /// Appends the ids of `word` to `output`, out of the cache or else by `encode`, which must depend on the
  /// word alone.
  func append(
    _ word: UnsafeBufferPointer<UInt8>, to output: inout [Int32],
    encode: (UnsafeBufferPointer<UInt8>) -> [Int32]
  ) {
    guard word.count <= Self.longestWord else {
      output.append(contentsOf: encode(word))
      return
    }
    let slot = Int(truncatingIfNeeded: WordHash.of(word)) & (Self.slotCount - 1)
    let known: [Int32]? = slots.withLock { slots in
      guard let entry = slots[slot], entry.word.elementsEqual(word) else { return nil }
      return entry.ids
    }
    if let known {
      output.append(contentsOf: known)
      return
    }
    let ids = encode(word)
    output.append(contentsOf: ids)
    slots.withLock { $0[slot] = Entry(word: Array(word), ids: ids) }
  }
}
