import Foundation
import Testing
import Torch

/// Handles are given back. Measured in a process of its own: the count is the process's, and other suites run
/// at the same time.
struct LeakTests {
  @Test func `the live count returns to its start after forward, backward and errors`() async {
    await #expect(processExitsWith: .success) {
      useOneThreadPerOperation()
      let start = Tensor.liveCount
      for _ in 0..<3 {
        try exerciseEveryOperation()
        exerciseErrors()
      }
      try exercise(failuresIn: Shards(count: 3))
      let end = Tensor.liveCount
      exit(start == 0 && end == 0 ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }

  @Test func `a tensor that is kept is counted`() async {
    await #expect(processExitsWith: .exitCode(7)) {
      let kept = try Tensor.zeros([1], .float32)
      withExtendedLifetime(kept) { exit(Int32(6 + Tensor.liveCount)) }
    }
  }

  @Test func `memory of a long series of passes stays where it was`() async {
    await #expect(processExitsWith: .success) {
      func residentPages() -> Int {
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? "0 0"
        return Int(text.split(separator: " ")[1]) ?? 0
      }
      func passes(_ count: Int) throws {
        for _ in 0..<count {
          try exerciseEveryOperation()
          exerciseErrors()
        }
      }
      useOneThreadPerOperation()
      // The first passes fill the caches of libtorch and of the allocator.
      try passes(60)
      let before = residentPages()
      try passes(120)
      let grown = (residentPages() - before) * 4096
      exit(grown < 1 << 20 ? EXIT_SUCCESS : EXIT_FAILURE)
    }
  }
}

/// A small decoder layer with its head, forward and backward, and one decoding step.
private func exerciseEveryOperation() throws {
  func ramp(_ shape: [Int], dtype: DType = .float32) throws -> Tensor {
    let count = shape.reduce(1, *)
    return try Tensor.floats((0..<count).map { Float(($0 * 37) % 101) / 101 - 0.5 }, shape, dtype)
  }
  for dtype in [DType.float32, .bfloat16] {
    let embedding = try ramp([64, 16], dtype: dtype).leaf(requiresGradient: true)
    let norm = try ramp([16], dtype: dtype).leaf(requiresGradient: true)
    let qkv = try ramp([32, 16], dtype: dtype)
    let a = try ramp([4, 16], dtype: dtype).leaf(requiresGradient: true)
    let b = try ramp([24, 2], dtype: dtype).leaf(requiresGradient: true)
    let gateUp = try ramp([48, 16], dtype: dtype).leaf(requiresGradient: true)
    let down = try ramp([16, 24], dtype: dtype).leaf(requiresGradient: true)
    let output = try ramp([16, 16], dtype: dtype)
    let angles = Angles(cosine: try ramp([9, 4]), sine: try ramp([9, 4]))
    let layout = TreeLayout([.init(prefix: 4, branches: [2, 3])])
    let heads = Attention(
      heads: 2, kvHeads: 1, headSize: 8, norms: (try ramp([8], dtype: dtype), try ramp([8], dtype: dtype)),
      normEpsilon: 1e-5)
    let head = try Head.all(of: embedding)
    let cache = try KeyValueCache(heads, layers: 1, positions: 4, dtype: dtype)

    for hasPanels in [true, false] {
      func linear(_ weight: Tensor, _ parts: LowRankParts? = nil) throws(TorchError) -> Linear {
        Linear(weight, panels: hasPanels ? try .all(of: weight, parts) : nil, lowRank: parts)
      }
      let parts = LowRankParts(a: a, b: b, offsets: [0, 24], widths: [16, 8], scale: 0.5)
      let (first, second) = (try linear(qkv, parts), try linear(output))
      let (third, fourth) = (try linear(gateUp), try linear(down))
      let x = try Tensor.embedding(embedding, ids: Tensor.integers(0..<9))
      let y = try x.normLinear(norm, epsilon: 1e-5, first)
        .treeAttention(heads, angles: angles, layout: layout, caches: (0, [cache])).linear(second, addedTo: x)
      let z = try y.normLinear(norm, epsilon: 1e-5, third).gatedLinear(fourth, addedTo: y)
        .rmsNorm(norm, epsilon: 1e-5)
      // The same once more, with what was made.
      var made: [Made] = []
      _ = try x.normLinear(norm, epsilon: 1e-5, first, keep: { made.append($0) })
      _ = try x.normLinear(norm, epsilon: 1e-5, first, given: made[0])
      _ = try Tensor.gathered([(x, 0), (y, 1)], sources: [0, 1], rows: [8, 2])
      let (logProbabilities, _) = try z.headLogProbabilities(
        head, targets: Tensor.integers(1..<10), temperature: 0.7)
      try logProbabilities.backward(gradient: ramp([9]))
      for leaf in [embedding, norm, a, b, gateUp, down] {
        guard try leaf.gradient() != nil else { throw Missing() }
        leaf.clearGradient()
      }

      var rows = CacheRows()
      try rows.append(cache, length: 4, attention: heads, positions: 1)
      try rows.grow(0, attention: heads, limit: 32)
      try withoutGradients { () throws(TorchError) in
        let x = try Tensor.empty([1, 16], dtype)
        let place = Angles(
          cosine: try Tensor.empty([1, 4], .float32), sine: try Tensor.empty([1, 4], .float32))
        try x.beginDecoding([3], embedding: embedding, positions: [4], angles: angles, into: place)
        let (normed, mixed) = (try Tensor.empty([1, 16], dtype), try Tensor.empty([1, 16], dtype))
        let (wide, low) = (try Tensor.empty([1, 48], dtype), try Tensor.empty([64], dtype))
        let here = x.place()
        try here.normLinear(
          norm, epsilon: 1e-5, .one(first, rows: 1), normed: normed, low: low.place(),
          into: wide.row(32).place())
        try wide.row(32).place().decodeAttention(
          heads, angles: place, rows: rows, layer: 0, scratch: Tensor.empty([1, 16], dtype),
          into: mixed.place(), logSums: Tensor.empty([1, 2], .float32).place())
        try mixed.place().linear(.one(second, rows: 1), low: low.place(), addedTo: here, into: here)
        try here.normLinear(
          norm, epsilon: 1e-5, .one(third, rows: 1), normed: normed, low: low.place(), into: wide.place())
        try wide.place().gatedLinear(
          .one(fourth, rows: 1), active: Tensor.empty([1, 24], dtype), low: low.place(), addedTo: here,
          into: here)
        try here.rmsNorm(norm, epsilon: 1e-5, count: 1, into: normed)
        var drawn = [Drawn()]
        try normed.sample(
          head, draws: [Draw(temperature: 1, topP: 0.9, uniform: 0.4)],
          logits: Tensor.empty([1, 64], .float32), into: &drawn)
      }
    }
    let moments = (try Tensor.zeros([16], .float32), try Tensor.zeros([16], .float32))
    let weight = try norm.to(.float32).leaf(requiresGradient: false)
    try AdamW(learningRate: 0.1).step(
      weight: weight, gradient: weight, moment1: moments.0, moment2: moments.1, compute: weight,
      gradientScale: 1, step: 1)
  }
}

extension Tensor {
  /// The first elements as one row.
  fileprivate func row(_ count: Int) throws(TorchError) -> Tensor {
    try reshaped([self.count, 1]).rows(0..<count).reshaped([1, count])
  }
}

private struct Missing: Error {}

/// Operations that fail before, within and behind the making of tensors.
private func exerciseErrors() {
  let attempts: [() throws -> Void] = [
    { _ = try Tensor.zeros([2, 3], .float32).matmul(Tensor.zeros([2, 3], .float32)) },
    { _ = try Tensor.empty([1 << 46], .float32) },
    { _ = try Tensor.embedding(Tensor.zeros([2, 3], .float32), ids: Tensor.integers([5])) },
    { _ = try Logits([.nan, 0]).sample([Draw(temperature: 1, uniform: 0)]) },
    {
      let x = try Tensor.zeros([1, 2], .float32).leaf(requiresGradient: true)
      let y = try x.rmsNorm(Tensor.zeros([2], .float32), epsilon: 1)
      try y.backward(gradient: Tensor.zeros([7], .float32))
    },
    {
      let x = try Tensor.zeros([2, 4], .float32).leaf(requiresGradient: true)
      _ = try x.headLogProbabilities(.all(of: x), targets: Tensor.integers([0, 9]), temperature: 1)
    },
    {
      let x = try Tensor.zeros([2, 4], .float32).leaf(requiresGradient: true)
      let y = try x.linear(Linear(x, panels: LinearPanels(forward: x.panels())), addedTo: x.rows(0..<2))
      try y.backward(gradient: x)
    },
    {
      let heads = Attention(heads: 1, kvHeads: 1, headSize: 4)
      let cache = try KeyValueCache(heads, layers: 1, positions: 1, dtype: .float32)
      var rows = CacheRows()
      try rows.append(cache, length: 17, attention: heads, positions: 1)
    },
  ]
  for attempt in attempts {
    do {
      try attempt()
      fatalError("an attempt that must fail succeeded")
    } catch {}
  }
}

/// Some shards fail, the others' results are dropped.
private func exercise(failuresIn shards: Shards) throws {
  do {
    _ = try shards.run { shard throws(TorchError) in
      let x = try Tensor.zeros([2, 3], .float32)
      return shard == 1 ? try x.matmul(x) : x
    }
    fatalError("a shard that must fail succeeded")
  } catch {}
}
