import Records
import Testing
import Torch

/// Attention of one new token a row, over caches, against full attention over the same tokens.
struct DecodeAttentionTests {
  static let layers = 3

  /// A row's sequence: keys and values `[length, kvHeads, D]` of one layer.
  struct Sequence {
    var k: Tensor
    var v: Tensor
  }

  struct Shape {
    var heads: Int
    var kvHeads: Int
    var size: Int
  }

  func random(_ shape: [Int], _ dtype: DType, _ random: inout SplitMix64) throws -> Tensor {
    let values = (0..<shape.reduce(1, *)).map { _ in Float.random(in: -2...2, using: &random) }
    return try Tensor.floats(values, shape, dtype)
  }

  /// A cache of `capacity` tokens whose place of `layer` holds these keys and values, and noise elsewhere.
  func cache(
    _ parts: Sequence?, layer: Int, capacity: Int, _ shape: Shape, _ dtype: DType, _ r: inout SplitMix64
  )
    throws -> Tensor
  {
    let cache = try random([Self.layers, 2, capacity, shape.kvHeads, shape.size], dtype, &r)
    guard let parts else { return cache }
    let flat = try cache.reshaped([-1, shape.kvHeads, shape.size])
    let length = parts.k.shape[0]
    let first = 2 * layer * capacity
    try flat.rows(first..<first + length).copy(from: parts.k)
    try flat.rows(first + capacity..<first + capacity + length).copy(from: parts.v)
    return cache
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `rows of different lengths, some with a shared prefix, equal full attention`(dtype: DType) throws {
    for shape in [Shape(heads: 4, kvHeads: 2, size: 16), Shape(heads: 9, kvHeads: 3, size: 64)] {
      for layer in 0..<Self.layers {
        var r = SplitMix64(seed: UInt64(layer))
        // Prefix number and suffix length of each row; three rows share the first prefix.
        let prefixLengths = [7, 1, 70]
        let rows = [(0, 0), (0, 5), (1, 0), (2, 33), (0, 1), (1, 12)]
        let half = [shape.kvHeads, shape.size]
        let prefixes = try prefixLengths.map {
          Sequence(k: try random([$0] + half, dtype, &r), v: try random([$0] + half, dtype, &r))
        }
        var prefixCaches: [Tensor] = []
        for (prefix, length) in zip(prefixes, prefixLengths) {
          prefixCaches.append(
            try cache(prefix, layer: layer, capacity: length + layer, shape, dtype, &r))
        }
        let q = try random([rows.count, shape.heads, shape.size], dtype, &r)
        let k = try random([rows.count] + half, dtype, &r)
        let v = try random([rows.count] + half, dtype, &r)
        var cacheRows: [CacheRow] = []
        var expected: [Float] = []
        for (row, (prefix, length)) in rows.enumerated() {
          let suffix =
            length == 0
            ? nil
            : Sequence(
              k: try random([length] + half, dtype, &r), v: try random([length] + half, dtype, &r))
          cacheRows.append(
            CacheRow(
              prefix: prefixCaches[prefix], prefixLength: prefixLengths[prefix],
              suffix: try cache(suffix, layer: layer, capacity: length + 4, shape, dtype, &r),
              suffixLength: length))
          let new = row..<row + 1
          let keys = try Tensor.concatenated(
            [prefixes[prefix].k] + (suffix.map { [$0.k] } ?? []) + [k.rows(new)])
          let values = try Tensor.concatenated(
            [prefixes[prefix].v] + (suffix.map { [$0.v] } ?? []) + [v.rows(new)])
          let total = keys.shape[0]
          // Full attention in float32: what is left is the rounding of the result.
          let queries = try Tensor.concatenated(Array(repeating: q.rows(new), count: total))
          let full = try Tensor.treeAttention(
            q: queries.to(.float32), k: keys.to(.float32), v: values.to(.float32),
            layout: TreeLayout([.init(prefix: total)]))
          expected += try full.rows(total - 1..<total).floats()
        }
        let found = try Tensor.decodeAttention(q: q, k: k, v: v, rows: CacheRows(cacheRows), layer: layer)
        #expect(found.shape == [rows.count, shape.heads, shape.size])
        #expect(found.dtype == dtype)
        for (a, b) in zip(try found.floats(), expected) {
          #expect(abs(a - b) <= 1e-5 + (dtype == .bfloat16 ? 0x1p-8 : 1e-5) * abs(b))
        }
        for (row, cacheRow) in cacheRows.enumerated() {
          let written = try new(cacheRow, layer: layer, shape)
          #expect(try written.k.floats() == k.rows(row..<row + 1).floats())
          #expect(try written.v.floats() == v.rows(row..<row + 1).floats())
        }
      }
    }
  }

  /// The key and value behind a row's suffix.
  func new(_ row: CacheRow, layer: Int, _ shape: Shape) throws -> Sequence {
    let capacity = row.suffix.shape[2]
    let flat = try row.suffix.reshaped([-1, shape.kvHeads, shape.size])
    let place = 2 * layer * capacity + row.suffixLength
    return Sequence(
      k: try flat.rows(place..<place + 1), v: try flat.rows(place + capacity..<place + capacity + 1))
  }

  @Test func `a row decodes to the same bits alone and in company`() throws {
    let shape = Shape(heads: 4, kvHeads: 2, size: 16)
    var r = SplitMix64(seed: 9)
    let prefix = try cache(nil, layer: 0, capacity: 20, shape, .float32, &r)
    let rows = try [3, 0, 11].map { length in
      CacheRow(
        prefix: prefix, prefixLength: 20,
        suffix: try cache(nil, layer: 0, capacity: 16, shape, .float32, &r), suffixLength: length)
    }
    let q = try random([3, 4, 16], .float32, &r)
    let k = try random([3, 2, 16], .float32, &r)
    let v = try random([3, 2, 16], .float32, &r)
    let together = try Tensor.decodeAttention(q: q, k: k, v: v, rows: CacheRows(rows), layer: 1)
    for row in rows.indices {
      let one = row..<row + 1
      let alone = try Tensor.decodeAttention(
        q: q.rows(one), k: k.rows(one), v: v.rows(one), rows: CacheRows([rows[row]]), layer: 1)
      #expect(try alone.floats() == together.rows(one).floats())
    }
  }

  @Test func `a full suffix and a prefix longer than its cache are errors`() throws {
    let shape = Shape(heads: 2, kvHeads: 1, size: 8)
    var r = SplitMix64(seed: 1)
    let q = try random([1, 2, 8], .float32, &r)
    let k = try random([1, 1, 8], .float32, &r)
    let cache = try cache(nil, layer: 0, capacity: 4, shape, .float32, &r)
    for (prefixLength, suffixLength, text) in [(4, 4, "full"), (5, 0, "longer than its cache")] {
      let rows = [
        CacheRow(prefix: cache, prefixLength: prefixLength, suffix: cache, suffixLength: suffixLength)
      ]
      let error = #expect(throws: TorchError.self) {
        try Tensor.decodeAttention(q: q, k: k, v: k, rows: CacheRows(rows), layer: 0)
      }
      #expect(error?.message.contains(text) == true)
    }
  }
}
