import Foundation
import Records
import Torch

/// Shapes of attention: groups of one to four query heads, heads that are whole panels of 16 and others.
struct AttentionShape: Sendable, CustomStringConvertible {
  var heads: Int
  var kvHeads: Int
  var size: Int
  var norms = false

  static let all = [
    AttentionShape(heads: 2, kvHeads: 2, size: 8),
    AttentionShape(heads: 4, kvHeads: 2, size: 16, norms: true),
    AttentionShape(heads: 9, kvHeads: 3, size: 64),
    AttentionShape(heads: 4, kvHeads: 1, size: 12, norms: true),
    AttentionShape(heads: 4, kvHeads: 2, size: 80),
  ]

  var description: String { "\(heads)/\(kvHeads) heads of \(size)\(norms ? ", normed" : "")" }
  var columns: Int { (heads + 2 * kvHeads) * size }

  func attention(_ dtype: DType, _ random: inout SplitMix64) throws -> Attention {
    func norm() throws -> Tensor {
      try Tensor.floats((0..<size).map { _ in Float.random(in: 0.5...1.5, using: &random) }, [size], dtype)
    }
    return Attention(
      heads: heads, kvHeads: kvHeads, headSize: size, norms: norms ? (try norm(), try norm()) : nil,
      normEpsilon: 1e-6)
  }
}

extension Tensor {
  /// Numbers from -2 to 2.
  static func random(_ shape: [Int], _ dtype: DType, _ random: inout SplitMix64) throws(TorchError) -> Tensor
  {
    let values = (0..<shape.reduce(1, *)).map { _ in Float.random(in: -2...2, using: &random) }
    return try Tensor.floats(values, shape, dtype)
  }
}

extension Angles {
  /// Of these positions, for heads of this size.
  static func at(_ positions: [Int], size: Int) throws(TorchError) -> Angles {
    let turns = positions.flatMap { position in
      (0..<size / 2).map { Float(position) * powf(10_000, -2 * Float($0) / Float(size)) }
    }
    return Angles(
      cosine: try Tensor.floats(turns.map(cosf), [positions.count, size / 2]),
      sine: try Tensor.floats(turns.map(sinf), [positions.count, size / 2]))
  }

  func rows(at places: [Int]) throws(TorchError) -> Angles {
    let index = try Tensor.integers(places)
    return Angles(cosine: try cosine.rows(at: index), sine: try sine.rows(at: index))
  }
}

/// Packed trees that went through attention, one set of queries, keys and values for each of some layers.
struct AttentionForest {
  let shape: AttentionShape
  let attention: Attention
  let layout: TreeLayout
  let angles: Angles
  /// `[N, (heads + 2 kvHeads) D]` for each layer.
  let qkv: [Tensor]
  /// What attention made of them, `[N, heads D]` for each layer, and the logarithms of its sums, `[N, heads]`.
  let outputs: [Tensor]
  let logSums: [Tensor]
  /// Of every tree with a prefix.
  let caches: [KeyValueCache]

  init(
    _ shape: AttentionShape, _ trees: [TreeLayout.Tree], layers: Int, dtype: DType, seed: UInt64
  ) throws {
    var random = SplitMix64(seed: seed)
    self.shape = shape
    let attention = try shape.attention(dtype, &random)
    self.attention = attention
    let layout = TreeLayout(trees)
    self.layout = layout
    let angles = try Angles.at(layout.positions, size: shape.size)
    self.angles = angles
    let caches = try trees.filter { $0.prefix > 0 }.map {
      try KeyValueCache(attention, layers: layers, positions: $0.prefix, dtype: dtype)
    }
    self.caches = caches
    qkv = try (0..<layers).map { _ in try Tensor.random([layout.count, shape.columns], dtype, &random) }
    var logSums: [Tensor] = []
    outputs = try qkv.enumerated().map { layer, qkv in
      try qkv.treeAttention(
        attention, angles: angles, layout: layout, caches: (layer, caches),
        keep: { made in if let sums = made.aside { logSums.append(sums) } })
    }
    self.logSums = logSums
  }

  /// Attention of packed tokens under another layout: places of this forest's tokens, in the new order.
  func repacked(_ places: [Int], _ trees: [TreeLayout.Tree], layer: Int) throws -> Tensor {
    try qkv[layer].rows(at: Tensor.integers(places)).treeAttention(
      attention, angles: angles.rows(at: places), layout: TreeLayout(trees))
  }

  /// One decoding step of the tokens at these places, each a row of `rows`; all is read and written `offset` rows into
  /// its tensor.
  func decode(_ places: [Int], _ rows: CacheRows, layer: Int, offset: Int = 0) throws -> (
    output: Tensor, logSums: Tensor
  ) {
    let q = try qkv[layer].rows(
      at: Tensor.integers([Int](repeating: 0, count: offset) + places))
    let width = shape.heads * shape.size
    let out = try Tensor.empty([offset + places.count, width], q.dtype)
    let sums = try Tensor.empty([offset + places.count, shape.heads], .float32)
    try q.place(offset).decodeAttention(
      attention, angles: angles.rows(at: places), rows: rows, layer: layer,
      scratch: Tensor.empty([places.count, width], q.dtype), into: out.place(offset),
      logSums: sums.place(offset))
    let written = offset..<offset + places.count
    return (try out.rows(written), try sums.rows(written))
  }
}
