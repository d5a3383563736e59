import Records
import Testing
import Torch

/// What a row becomes in a fused layer does not depend on the rows beside it, nor on whether it is computed in
/// training or in place while decoding.
struct RowIndependenceTests {
  /// A linear of 96 outputs over 40 inputs.
  struct Layer: Sendable, CustomStringConvertible {
    var parts: [(offset: Int, width: Int)] = []
    var rank = 0
    var bias = false

    static let all = [
      Layer(), Layer(bias: true), Layer(parts: [(0, 48), (48, 16), (64, 32)], rank: 3),
      Layer(parts: [(0, 48), (48, 16), (64, 32)], rank: 17, bias: true), Layer(parts: [(16, 32)], rank: 16),
      Layer(parts: [(3, 20), (60, 36)], rank: 5), Layer(parts: [(0, 96)], rank: 1),
    ]

    var description: String { "parts \(parts), rank \(rank)\(bias ? ", bias" : "")" }

    func linear(_ dtype: DType, _ random: inout SplitMix64) throws -> Linear {
      let weight = try Tensor.random([96, 40], dtype, &random)
      var low: LowRankParts?
      if !parts.isEmpty {
        low = LowRankParts(
          a: try Tensor.random([parts.count * rank, 40], dtype, &random),
          b: try Tensor.random([parts.reduce(0) { $0 + $1.width }, rank], dtype, &random),
          offsets: parts.map(\.offset), widths: parts.map(\.width), scale: 0.5)
      }
      return Linear(
        weight, bias: bias ? try Tensor.random([96], dtype, &random) : nil, panels: try .all(of: weight, low),
        lowRank: low)
    }
  }

  /// Rows of NaN before and behind the rows of a batch, as other layers' rows lie in a record.
  static let (before, behind) = (2, 3)

  /// A copy of some rows among rows of NaN.
  func batch(_ tensor: Tensor, _ rows: Range<Int>) throws -> Tensor {
    let count = Self.before + rows.count + Self.behind
    let copy = try Tensor.floats(
      [Float](repeating: .nan, count: count * tensor.shape[1]), [count, tensor.shape[1]], tensor.dtype)
    try copy.rows(Self.before..<Self.before + rows.count).copy(from: tensor.rows(rows))
    return copy
  }

  /// Expects these bits in a batch, and its other rows untouched.
  func expect(
    _ batch: Tensor, _ bits: [UInt32], _ comment: Comment, location: SourceLocation = #_sourceLocation
  ) throws {
    let end = batch.shape[0] - Self.behind
    #expect(try batch.rows(Self.before..<end).bits() == bits, comment, sourceLocation: location)
    for others in [0..<Self.before, end..<batch.shape[0]] {
      #expect(
        try batch.rows(others).floats().allSatisfy(\.isNaN), "rows of others were written to",
        sourceLocation: location)
    }
  }

  @Test(arguments: Layer.all, [DType.float32, .bfloat16])
  func `alone, in company, in training and in place: the same bits`(layer: Layer, dtype: DType) throws {
    var random = SplitMix64(seed: 6)
    let linear = try layer.linear(dtype, &random)
    let x = try Tensor.random([100, 40], dtype, &random)
    let norm = try Tensor.random([40], dtype, &random)
    let residual = try Tensor.random([100, 96], dtype, &random)
    let gateUp = try Tensor.random([100, 80], dtype, &random)
    let normed = try x.normLinear(norm, epsilon: 1e-5, linear)
    let added = try x.linear(linear, addedTo: residual)
    let gated = try gateUp.gatedLinear(linear, addedTo: residual)
    let plain = try x.rmsNorm(norm, epsilon: 1e-5)

    for count in Products.rows {
      let rows = (3 * count) % (101 - count)..<(3 * count) % (101 - count) + count
      // In training, as leaves that collect gradients.
      let some = try x.rows(rows).leaf(requiresGradient: true)
      #expect(try some.normLinear(norm, epsilon: 1e-5, linear).bits() == normed.rows(rows).bits(), "\(rows)")
      #expect(
        try some.linear(linear, addedTo: residual.rows(rows)).bits() == added.rows(rows).bits(), "\(rows)")
      #expect(
        try gateUp.rows(rows).gatedLinear(linear, addedTo: residual.rows(rows)).bits()
          == gated.rows(rows).bits(), "\(rows)")

      // In place, on rows of a batch.
      let comment = Comment("rows \(rows)")
      let width = max(1, linear.lowRank?.paddedRank ?? 0)
      let low = try Tensor.empty([count + Self.before, width], dtype).place(Self.before)
      let (wide, narrow) = (try batch(normed, rows), try Tensor.empty([count, 40], dtype))
      try batch(x, rows).place(Self.before).normLinear(
        norm, epsilon: 1e-5, .one(linear, rows: count), normed: narrow, low: low,
        into: wide.place(Self.before))
      try expect(wide, normed.rows(rows).bits(), comment)
      #expect(try narrow.bits() == plain.rows(rows).bits(), comment)
      for isSameTensor in [true, false] {
        let sum = try batch(residual, rows)
        let out = isSameTensor ? sum : try batch(normed, rows)
        try batch(x, rows).place(Self.before).linear(
          .one(linear, rows: count), low: low, addedTo: sum.place(Self.before), into: out.place(Self.before))
        try expect(out, added.rows(rows).bits(), comment)
        let (base, mixed) = (try batch(residual, rows), try batch(residual, rows))
        let target = isSameTensor ? base : mixed
        try batch(gateUp, rows).place(Self.before).gatedLinear(
          .one(linear, rows: count), active: narrow, low: low, addedTo: base.place(Self.before),
          into: target.place(Self.before))
        try expect(target, gated.rows(rows).bits(), comment)
      }
    }
  }

  /// Groups of one batch: which layer of `all`, and how many rows.
  static let groupings: [[(layer: Int, rows: Int)]] = [
    [(2, 3), (0, 1), (4, 9)], [(0, 40), (2, 5), (2, 7), (0, 2), (6, 30), (4, 1)], [(5, 2), (5, 3), (2, 13)],
    [(4, 60), (2, 30), (6, 10)], [(0, 4), (0, 6)],
    // So many rows that the outputs are taken 64 at a time.
    [(2, 200), (5, 200), (4, 150), (6, 30)],
  ]

  @Test(arguments: groupings.indices, [DType.float32, .bfloat16])
  func `rows of several low-rank parts over one weight: the same bits as each group alone`(
    grouping: Int, dtype: DType
  ) throws {
    let groups = Self.groupings[grouping]
    for isExact in [true, false] {
      var random = SplitMix64(seed: 8)
      let base = try Layer(bias: true).linear(dtype, &random)
      let panels = try #require(base.panels)
      // Of one weight and bias, with the parts of `all`.
      var linears: [Int: Linear] = [:]
      for layer in Set(groups.map(\.layer)) {
        let parts = try Layer.all[layer].linear(dtype, &random).lowRank
        let low = try parts?.panels(of: base.weight, gradients: false)
        linears[layer] = Linear(
          base.weight, bias: base.bias,
          panels: isExact ? LinearPanels(forward: panels.forward, lowRank: low) : nil, lowRank: parts)
      }
      let count = groups.reduce(0) { $0 + $1.rows }
      let x = try Tensor.random([count, 40], dtype, &random)
      let norm = try Tensor.random([40], dtype, &random)
      let residual = try Tensor.random([count, 96], dtype, &random)
      let gateUp = try Tensor.random([count, 80], dtype, &random)
      let together = try LinearGroups.several(
        groups.map { (try #require(linears[$0.layer]), $0.rows) })
      let width = groups.reduce(0) { $0 + $1.rows * (linears[$1.layer]?.lowRank?.paddedRank ?? 0) }
      let low = try Tensor.empty([max(1, width)], dtype).place()
      let narrow = try Tensor.empty([count, 40], dtype)
      let all = 0..<count
      let (normed, added, gated) = (
        try batch(residual, all), try batch(residual, all), try batch(residual, all)
      )
      try batch(x, all).place(Self.before).normLinear(
        norm, epsilon: 1e-5, together, normed: narrow, low: low, into: normed.place(Self.before))
      try batch(x, all).place(Self.before).linear(
        together, low: low, addedTo: added.place(Self.before), into: added.place(Self.before))
      try batch(gateUp, all).place(Self.before).gatedLinear(
        together, active: narrow, low: low, addedTo: gated.place(Self.before), into: gated.place(Self.before))
      var expected: [[UInt32]] = [[], [], []]
      var start = 0
      for group in groups {
        let linear = try #require(linears[group.layer])
        let rows = start..<start + group.rows
        expected[0] += try x.rows(rows).normLinear(norm, epsilon: 1e-5, linear).bits()
        expected[1] += try x.rows(rows).linear(linear, addedTo: residual.rows(rows)).bits()
        expected[2] += try gateUp.rows(rows).gatedLinear(linear, addedTo: residual.rows(rows)).bits()
        start += group.rows
      }
      for (batch, bits) in zip([normed, added, gated], expected) {
        try expect(batch, bits, "grouping \(grouping), exact \(isExact)")
      }
    }
  }

  @Test func `groups of different weights and groups without rows are errors`() throws {
    var random = SplitMix64(seed: 9)
    let (one, other) = (
      try Layer().linear(.float32, &random), try Layer().linear(.float32, &random)
    )
    let x = try Tensor.random([4, 40], .float32, &random)
    let sum = try Tensor.random([4, 96], .float32, &random).place()
    for (groups, words) in [
      ([(one, 2), (other, 2)], "of another layer"), ([(one, 2), (one, 0)], "has 0 rows"),
      ([], "at least one"),
    ] {
      let error = #expect(throws: TorchError.self) {
        try x.place().linear(.several(groups), low: x.place(), addedTo: sum, into: sum)
      }
      #expect(error?.message.contains(words) == true, "\(words)")
    }
  }

  @Test func `an adapter whose B is zero changes no bit`() throws {
    for dtype in [DType.float32, .bfloat16] {
      for layer in Layer.all where !layer.parts.isEmpty {
        var random = SplitMix64(seed: 7)
        let linear = try layer.linear(dtype, &random)
        let parts = try #require(linear.lowRank)
        let silent = LowRankParts(
          a: parts.a, b: try Tensor.zeros(parts.b.shape, dtype), offsets: parts.offsets, widths: parts.widths,
          scale: parts.scale)
        let x = try Tensor.random([7, 40], dtype, &random)
        let residual = try Tensor.random([7, 96], dtype, &random)
        func result(_ parts: LowRankParts?) throws -> [UInt32] {
          try x.linear(
            Linear(
              linear.weight, bias: linear.bias, panels: .all(of: linear.weight, parts), lowRank: parts),
            addedTo: residual
          ).bits()
        }
        #expect(try result(silent) == result(nil), "\(layer)")
      }
    }
  }

  // MARK: the head

  static let vocabularies = [2, 15, 16, 200, 511, 512, 513, 1000, 1024, 1537]

  @Test(arguments: vocabularies, [DType.float32, .bfloat16])
  func `a drawn token's log-probability has the bits that training computes for it`(
    vocabulary: Int, dtype: DType
  ) throws {
    var random = SplitMix64(seed: UInt64(vocabulary))
    let head = try Head.all(of: Tensor.random([vocabulary, 32], dtype, &random))
    let hidden = try Tensor.random([150, 32], dtype, &random)
    for temperature in [1, 0.7, 1.9, 0.05] {
      let draws = (0..<150).map { _ in
        Draw(temperature: temperature, uniform: Double.random(in: 0..<1, using: &random))
      }
      var tokens: [Int] = []
      var sampled: [Float] = []
      // Batches of many sizes.
      var start = 0
      for count in Products.rows where start + count <= 150 {
        var drawn = [Drawn](repeating: Drawn(), count: count)
        try hidden.rows(start..<start + count).sample(
          head, draws: Array(draws[start..<start + count]),
          logits: Tensor.empty([count, vocabulary], .float32), into: &drawn)
        tokens += drawn.map { Int($0.token) }
        sampled += drawn.map(\.logProbability)
        start += count
      }
      try #require(start > 100)
      let trained = try hidden.rows(0..<start).leaf(requiresGradient: true).headLogProbabilities(
        head, targets: Tensor.integers(tokens), temperature: temperature
      ).logProbabilities.floats()
      #expect(trained == sampled, "temperature \(temperature)")
      let alone = try (0..<start).flatMap {
        try hidden.rows($0..<$0 + 1).headLogProbabilities(
          head, targets: Tensor.integers([tokens[$0]]), temperature: temperature
        ).logProbabilities.floats()
      }
      #expect(alone == sampled, "temperature \(temperature), one by one")
    }
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `greedy draws have the log-probabilities of temperature 1`(dtype: DType) throws {
    var random = SplitMix64(seed: 3)
    let head = try Head.all(of: Tensor.random([777, 32], dtype, &random))
    let hidden = try Tensor.random([20, 32], dtype, &random)
    var drawn = [Drawn](repeating: Drawn(), count: 20)
    try hidden.sample(
      head, draws: [Draw](repeating: Draw(temperature: 0, uniform: 0), count: 20),
      logits: Tensor.empty([20, 777], .float32), into: &drawn)
    let trained = try hidden.headLogProbabilities(
      head, targets: Tensor.integers(drawn.map { Int($0.token) }), temperature: 1
    ).logProbabilities.floats()
    #expect(trained == drawn.map(\.logProbability))
  }

  /// The sampler reports log p' = log p - log m, rounded to float32 each; brought back, the sum may be off by the
  /// roundings of the difference and of the sum.
  @Test(arguments: [DType.float32, .bfloat16])
  func `with filters, log-probability and mass add up to training's within one rounding`(dtype: DType) throws
  {
    var random = SplitMix64(seed: 4)
    let head = try Head.all(of: Tensor.random([1000, 32], dtype, &random))
    let hidden = try Tensor.random([400, 32], dtype, &random)
    var differing = 0
    for (topP, topK, minP) in [(0.9, 0, 0.0), (1, 20, 0), (1, 0, 0.05), (0.95, 50, 0.01)] {
      let draws = (0..<400).map { _ in
        Draw(
          temperature: 0.8, topP: topP, minP: minP, topK: topK,
          uniform: Double.random(in: 0..<1, using: &random))
      }
      var drawn = [Drawn](repeating: Drawn(), count: 400)
      try hidden.sample(head, draws: draws, logits: Tensor.empty([400, 1000], .float32), into: &drawn)
      let trained = try hidden.headLogProbabilities(
        head, targets: Tensor.integers(drawn.map { Int($0.token) }), temperature: 0.8
      ).logProbabilities.floats()
      for (token, expected) in zip(drawn, trained) {
        let sum = token.logProbability + token.logMass
        #expect(abs(sum - expected) <= 0x1p-24 * (abs(token.logProbability) + abs(expected)))
        if sum != expected { differing += 1 }
      }
    }
    print(
      "log-probability plus log-mass differs from training's in \(differing) of 1600 filtered draws, \(dtype)"
    )
  }
}
