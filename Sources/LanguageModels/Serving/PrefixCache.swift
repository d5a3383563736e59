internal import Foundation
package import Records
internal import Torch

/// Keys and values of what was read before, by policy and tokens in blocks of 16, for all shards.
///
/// A block is copied out into a row's own memory, where it is bit for bit what reading the tokens anew would make:
/// with `exact` a token's numbers do not depend on what was computed beside it.
package final class PrefixCache: @unchecked Sendable {
  private let lock = NSLock()
  private var tree = PrefixTree<KeyValueCache>(width: KeyValueCache.block)
  /// Bytes that rows and prompts being read take, by shard; cached blocks have what is left of the limit.
  private var rowBytes: [Int]
  private let limit: Int
  private let rowLimit: Int
  private let blockBytes: Int
  private let shape: CacheShape

  /// For sequences of a decoder, whatever adapter they have. Rows and cached blocks together are to take `limit` bytes
  /// over all shards; rows are never held to it, but beyond `rowLimit` bytes no further ones should begin.
  package init(_ decoder: Decoder, limit: Int, rowLimit: Int = .max, shards: Int) {
    shape = CacheShape(decoder)
    blockBytes = shape.bytes(positions: KeyValueCache.block)
    self.limit = limit
    self.rowLimit = max(limit, rowLimit)
    rowBytes = Array(repeating: 0, count: shards)
  }

  /// Bytes of keys and values, of rows and of cached blocks.
  package var bytes: Int { lock.withLock { rowBytes.reduce(0, +) + tree.count * blockBytes } }
  /// Whether rows take so much that no further ones should begin.
  package var isExhausted: Bool { lock.withLock { rowBytes.reduce(0, +) > rowLimit } }
  /// Blocks that are cached.
  package var blocks: Int { lock.withLock { tree.count } }

  /// What rows of a shard take now.
  func setRowBytes(_ bytes: Int, shard: Int) {
    lock.withLock {
      rowBytes[shard] = bytes
      shrink()
    }
  }

  /// The whole blocks at the beginning of some tokens, as far as they are cached.
  func find(_ policy: PolicyName, _ tokens: ArraySlice<Int32>) -> [KeyValueCache] {
    lock.withLock { tree.find(policy, tokens) }
  }

  /// Keeps the whole blocks of some tokens; `source` has a block's cache and its first position there.
  func keep(
    _ policy: PolicyName, _ tokens: ArraySlice<Int32>, source: (Int) -> (cache: KeyValueCache, position: Int)
  ) throws(TorchError) {
    let (first, room) = lock.withLock {
      (tree.depth(policy, tokens), (limit - rowBytes.reduce(0, +)) / max(1, blockBytes))
    }
    let end = min(tokens.count / KeyValueCache.block, room)
    guard first < end else { return }
    // Copied while nobody waits for the lock.
    var blocks: [KeyValueCache] = []
    for place in first..<end {
      let (cache, position) = source(place)
      let block = try shape.cache(positions: KeyValueCache.block)
      try block.copy(from: cache, positions: position..<position + KeyValueCache.block, to: 0)
      blocks.append(block)
    }
    lock.withLock {
      tree.insert(policy, tokens, from: first, blocks)
      shrink()
    }
  }

  /// Lets everything of a policy go.
  package func drop(_ policy: PolicyName) { lock.withLock { tree.drop(policy) } }

  private func shrink() {
    let room = limit - rowBytes.reduce(0, +)
    while tree.count * blockBytes > room, tree.dropOldest() {}
  }
}

/// What caches of a decoder look like, whatever adapter it has.
struct CacheShape: @unchecked Sendable {
  let attention: Attention
  let layers: Int
  let dtype: DType

  init(_ decoder: Decoder) {
    attention = decoder.attention(0)
    layers = decoder.configuration.layers
    dtype = decoder.dtype
  }

  func bytes(positions: Int) -> Int {
    2 * layers * attention.kvHeads * attention.paddedHeadSize * dtype.size
      * KeyValueCache.capacity(for: positions)
  }

  func cache(positions: Int) throws(TorchError) -> KeyValueCache {
    try KeyValueCache(attention, layers: layers, positions: positions, dtype: dtype)
  }
}
