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

  /// Memory that it takes.
  package var bytes: Int { layers * layerBytes }

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
