import Records
import Testing
import Torch

/// Attention of one new token a row, over caches, against attention over the same tokens as trees: the same bits.
///
/// That the trees are right is `LayerParityTests`' matter.
struct DecodeAttentionTests {
  static let layers = 2
  /// Prefixes around the blocks of 16; branches that end at different steps, some far behind their first room.
  static let trees: [TreeLayout.Tree] = [
    .init(prefix: 17, branches: [3, 40, 15]), .init(prefix: 1, branches: [16, 1]),
    .init(prefix: 16, branches: [2, 33]), .init(prefix: 15, branches: [20]),
    .init(prefix: 40, branches: [9, 8]),
    .init(prefix: 70, branches: [2, 2, 5]),
  ]

  /// A branch: its tree, the packed place of its first token, and its length.
  struct Branch {
    var tree: Int
    var start: Int
    var length: Int
  }

  static func branches(_ trees: [TreeLayout.Tree]) -> [Branch] {
    var branches: [Branch] = []
    var start = 0
    for (number, tree) in trees.enumerated() {
      start += tree.prefix
      for length in tree.branches {
        branches.append(Branch(tree: number, start: start, length: length))
        start += length
      }
    }
    return branches
  }

  func rows(_ branches: [Branch], _ forest: AttentionForest, room: Int = 4) throws -> CacheRows {
    var rows = CacheRows()
    for branch in branches {
      try rows.append(
        forest.caches[branch.tree], length: forest.layout.trees[branch.tree].prefix,
        attention: forest.attention, positions: room)
    }
    return rows
  }

  /// Decodes all branches as one batch that loses rows as they end; expects the bits of the trees.
  func expectBits(_ forest: AttentionForest, _ branches: [Branch]) throws {
    var branches = branches
    var caches = try rows(branches, forest)
    var step = 0
    while !branches.isEmpty {
      for row in branches.indices {
        #expect(caches.position(of: row) == forest.layout.trees[branches[row].tree].prefix + step)
        if caches.isFull(row) { try caches.grow(row, attention: forest.attention, limit: 64) }
      }
      let places = branches.map { $0.start + step }
      for layer in 0..<Self.layers {
        let found = try forest.decode(places, caches, layer: layer, offset: 3 * layer)
        let index = try Tensor.integers(places)
        #expect(
          try found.output.bits() == forest.outputs[layer].rows(at: index).bits(),
          "\(forest.shape), layer \(layer), step \(step)")
        #expect(try found.logSums.bits() == forest.logSums[layer].rows(at: index).bits())
      }
      caches.advance()
      step += 1
      let going = branches.indices.filter { branches[$0].length > step }
      for (place, row) in going.enumerated() where place < row { caches.move(row, to: place) }
      caches.truncate(to: going.count)
      branches = going.map { branches[$0] }
    }
  }

  @Test(arguments: AttentionShape.all, [DType.float32, .bfloat16])
  func `decoding gives the bits of the trees, through growth and as rows end`(
    shape: AttentionShape, dtype: DType
  ) throws {
    let forest = try AttentionForest(shape, Self.trees, layers: Self.layers, dtype: dtype, seed: 1)
    let branches = Self.branches(Self.trees)
    try expectBits(forest, branches)
    // Rows of one prefix apart from each other.
    var random = SplitMix64(seed: 2)
    try expectBits(forest, branches.shuffled(using: &random))
    // More rows of one prefix than are computed at once.
    try expectBits(forest, Array(repeating: branches[0], count: 60) + Array(repeating: branches[3], count: 3))
  }

  @Test(arguments: AttentionShape.all, [DType.float32, .bfloat16])
  func `a row decodes to the same bits alone and in company`(shape: AttentionShape, dtype: DType) throws {
    let forest = try AttentionForest(shape, Self.trees, layers: 1, dtype: dtype, seed: 3)
    let branches = Self.branches(Self.trees)
    let together = try forest.decode(branches.map(\.start), rows(branches, forest), layer: 0).output
    for (row, branch) in branches.enumerated() {
      let alone = try forest.decode([branch.start], rows([branch], forest), layer: 0).output
      #expect(try alone.bits() == together.rows(row..<row + 1).bits())
    }
  }

  /// How a sequence is read: tokens at a time, in turn.
  static let chunks: [[Int]] = [[1], [7], [16], [33], [100], [3, 40, 1, 1, 20]]

  @Test(arguments: AttentionShape.all, [DType.float32, .bfloat16])
  func `tokens of one sequence in one call have the bits of the trees, in any chunks, behind any prefix`(
    shape: AttentionShape, dtype: DType
  ) throws {
    let length = 100
    let forest = try AttentionForest(
      shape, [.init(prefix: length), .init(prefix: 20, branches: [60, 60])], layers: Self.layers,
      dtype: dtype,
      seed: 6)
    let company = Self.branches([.init(prefix: length), .init(prefix: 20, branches: [60, 60])])
    let whole = forest.outputs
    for chunks in Self.chunks {
      for prefix in [0, 16, 48, 53] {
        var sequence =
          prefix == 0
          ? try SequenceCache(forest.attention, layers: Self.layers, positions: 5, dtype: dtype)
          : try SequenceCache(forest.caches[0], length: prefix, attention: forest.attention, positions: 5)
        var branches = try company.map { _ in
          try SequenceCache(forest.caches[1], length: 20, attention: forest.attention, positions: 100)
        }
        var rows = CacheRows()
        var step = 0
        while sequence.count < length {
          let count = min(chunks[step % chunks.count], length - sequence.count)
          try sequence.makeRoom(for: count, attention: forest.attention, limit: length)
          // The last token first, as one that draws, then another sequence, the others, and one more sequence.
          let order = [count - 1] + (0..<count - 1)
          rows.removeAll()
          rows.append(sequence, ahead: order[0])
          rows.append(branches[0])
          for ahead in order.dropFirst() { rows.append(sequence, ahead: ahead) }
          rows.append(branches[1])
          var places = order.map { sequence.count + $0 }
          places.insert(company[0].start + step % 60, at: 1)
          places.append(company[1].start + step % 60)
          for (row, place) in zip(order.indices, order) where row > 0 {
            #expect(rows.position(of: row + 1) == sequence.count + place)
          }
          for layer in 0..<Self.layers {
            let found = try forest.decode(places, rows, layer: layer, offset: 2)
            // The companions decode what the trees hold for 60 steps, and are no measure behind that.
            let kept = step < 60 ? places.count : places.count - 1
            let known = (0..<kept).filter { step < 60 || $0 != 1 }
            #expect(
              try found.output.rows(at: Tensor.integers(known)).bits()
                == whole[layer].rows(at: Tensor.integers(known.map { places[$0] })).bits(),
              "\(shape), chunks \(chunks), prefix \(prefix), step \(step), layer \(layer)")
          }
          sequence.advance(by: count)
          if step < 60 { for index in branches.indices { branches[index].advance() } }
          step += 1
        }
      }
    }
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `the beginning of a sequence can be shared with another one`(dtype: DType) throws {
    let shape = AttentionShape.all[2]
    let length = 70
    let forest = try AttentionForest(
      shape, [.init(prefix: length)], layers: Self.layers, dtype: dtype, seed: 7)
    let attention = forest.attention
    // Reads up to `end`; returns the last token's outputs.
    func read(_ sequence: inout SequenceCache, to end: Int) throws -> [[UInt32]] {
      let places = Array(sequence.count..<end)
      try sequence.makeRoom(for: places.count, attention: attention, limit: length)
      var rows = CacheRows()
      for ahead in places.indices { rows.append(sequence, ahead: ahead) }
      let outputs = try (0..<Self.layers).map { layer in
        try forest.decode(places, rows, layer: layer).output.rows(places.count - 1..<places.count).bits()
      }
      sequence.advance(by: places.count)
      return outputs
    }
    func expected(_ place: Int) throws -> [[UInt32]] {
      try forest.outputs.map { try $0.rows(place..<place + 1).bits() }
    }
    var first = try SequenceCache(attention, layers: Self.layers, positions: 3, dtype: dtype)
    #expect(try read(&first, to: 41) == expected(40))
    let shared = try first.leading(32, attention: attention)
    #expect(shared.capacity == 32)
    #expect(shared.bytes == Self.layers * 2 * 3 * 32 * 64 * dtype.size)
    // The first one goes on; the second one does not see it.
    #expect(try read(&first, to: 60) == expected(59))
    var second = try SequenceCache(shared, length: 32, attention: attention, positions: 1)
    #expect(try read(&second, to: 70) == expected(69))
    #expect(try second.leading(32, attention: attention) === shared)
    // Blocks out of prefix and suffix, and part of a prefix.
    let longer = try second.leading(64, attention: attention)
    for (cache, start) in [(longer, 64), (longer, 48), (longer, 39), (shared, 16)] {
      var third = try SequenceCache(cache, length: start, attention: attention, positions: 40)
      #expect(third.count == start)
      #expect(try read(&third, to: 70) == expected(69), "\(start)")
    }
    let shorter = try second.leading(16, attention: attention)
    var fourth = try SequenceCache(shorter, length: 16, attention: attention, positions: 1)
    #expect(try read(&fourth, to: 17) == expected(16))
  }

  @Test(arguments: AttentionShape.all, [DType.float32, .bfloat16])
  func `a token gets the same bits wherever its sequence is parted, and whatever is packed beside it`(
    shape: AttentionShape, dtype: DType
  ) throws {
    let length = 75
    let forest = try AttentionForest(shape, [.init(prefix: length)], layers: 1, dtype: dtype, seed: 4)
    let whole = try forest.outputs[0].bits()
    let width = shape.heads * shape.size
    for prefix in [0, 1, 2, 15, 16, 17, 31, 32, 47, 48, 49, 64, 74] {
      let rest = length - prefix
      let parted = try forest.repacked(
        Array(0..<length), [.init(prefix: prefix, branches: [rest])], layer: 0)
      #expect(try parted.bits() == whole, "prefix of \(prefix)")
      // Twice the same branch, a shorter one, and another tree before them.
      let (tokens, own) = (Array(0..<prefix), Array(prefix..<length))
      let short = max(1, rest / 2)
      let company = try forest.repacked(
        [5, 6, 7, 8] + tokens + own + own.prefix(short) + own,
        [.init(prefix: 3, branches: [1]), .init(prefix: prefix, branches: [rest, short, rest])], layer: 0
      ).bits()
      let first = Array(whole[..<(prefix * width)])
      let second = Array(whole[(prefix * width)...])
      #expect(
        Array(company.dropFirst(4 * width)) == first + second + second.prefix(short * width) + second,
        "prefix of \(prefix), in company")
    }
  }

  @Test func `a full suffix and a prefix longer than its cache are errors`() throws {
    let shape = AttentionShape(heads: 2, kvHeads: 1, size: 8)
    let forest = try AttentionForest(
      shape, [.init(prefix: 16, branches: [1])], layers: 1, dtype: .float32, seed: 5)
    func decode(_ rows: CacheRows) throws { _ = try forest.decode([16], rows, layer: 0) }

    var full = CacheRows()
    try full.append(forest.caches[0], length: 16, attention: forest.attention, positions: 16)
    for _ in 0..<16 {
      #expect(!full.isFull(0))
      full.advance()
    }
    #expect(full.isFull(0))
    let error = #expect(throws: TorchError.self) { try decode(full) }
    #expect(error?.message.contains("full") == true)
    #expect(error?.operation == "decode_attention")
    try full.grow(0, attention: forest.attention, limit: 32)
    try decode(full)

    var beyond = CacheRows()
    try beyond.append(forest.caches[0], length: 32, attention: forest.attention, positions: 1)
    let long = #expect(throws: TorchError.self) { try decode(beyond) }
    #expect(long?.message.contains("longer than its cache") == true)
    var within = CacheRows()
    let block = #expect(throws: TorchError.self) {
      try within.append(forest.caches[0], length: 17, attention: forest.attention, positions: 1)
    }
    #expect(block?.operation == "cache_copy")
    #expect(block?.kind == .index)
  }
}
