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
    let angles = (cosine: try ramp([9, 4]), sine: try ramp([9, 4]))
    let layout = TreeLayout([.init(prefix: 4, branches: [2, 3])])

    let x = try Tensor.embedding(embedding, ids: Tensor.integers(0..<9))
    let parts = LowRankParts(a: a, b: b, offsets: [0, 24], widths: [16, 8], scale: 0.5)
    let (q, k, v) = try x.rmsNorm(norm, epsilon: 1e-5).linear(qkv, lowRank: parts)
      .splitHeads(heads: 2, kvHeads: 1, headSize: 8, angles: angles)
    let attended = try Tensor.treeAttention(q: q, k: k, v: v, layout: layout).reshaped([9, 16])
    let y = try x + attended
    let z = try y + y.linear(gateUp).swiGLU().linear(down)
    let (logProbabilities, _) = try z.headLogProbabilities(
      embedding, packed: embedding.packedHead(), targets: Tensor.integers(1..<10), temperature: 0.7)
    try logProbabilities.backward(gradient: ramp([9]))
    for leaf in [embedding, norm, a, b, gateUp, down] {
      guard try leaf.gradient() != nil else { throw Missing() }
      leaf.clearGradient()
    }

    let cache = try Tensor.zeros([1, 2, 4, 1, 8], dtype)
    let row = CacheRow(prefix: cache, prefixLength: 4, suffix: cache, suffixLength: 0)
    try withoutGradients { () throws(TorchError) in
      let one = try Tensor.decodeAttention(
        q: q.rows(0..<1), k: k.rows(0..<1), v: v.rows(0..<1), rows: CacheRows([row]), layer: 0)
      _ = try one.reshaped([1, 16]).headLogits(embedding, packed: embedding.packedHead())
        .sample([Draw(temperature: 1, topP: 0.9, uniform: 0.4)])
    }
    let moments = (try Tensor.zeros([16], .float32), try Tensor.zeros([16], .float32))
    let weight = try norm.to(.float32).leaf(requiresGradient: false)
    try AdamW(learningRate: 0.1).step(
      weight: weight, gradient: weight, moment1: moments.0, moment2: moments.1, compute: weight,
      gradientScale: 1, step: 1)
  }
}

private struct Missing: Error {}

/// Operations that fail before, within and behind the making of tensors.
private func exerciseErrors() {
  let attempts: [() throws -> Void] = [
    { _ = try Tensor.zeros([2, 3], .float32).matmul(Tensor.zeros([2, 3], .float32)) },
    { _ = try Tensor.empty([1 << 46], .float32) },
    { _ = try Tensor.embedding(Tensor.zeros([2, 3], .float32), ids: Tensor.integers([5])) },
    { _ = try Tensor.floats([.nan], [1, 1]).sample([Draw(temperature: 1, uniform: 0)]) },
    {
      let x = try Tensor.zeros([1, 2], .float32).leaf(requiresGradient: true)
      let y = try x.rmsNorm(Tensor.zeros([2], .float32), epsilon: 1)
      try y.backward(gradient: Tensor.zeros([7], .float32))
    },
    {
      let x = try Tensor.zeros([2, 4], .float32).leaf(requiresGradient: true)
      _ = try x.headLogProbabilities(x, packed: x, targets: Tensor.integers([0, 9]), temperature: 1)
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
