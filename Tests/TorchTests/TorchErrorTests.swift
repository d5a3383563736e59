import Testing
import Torch

/// A failed operation says which one, on what shapes and why, in one line.
struct TorchErrorTests {
  func zeros(_ shape: Int..., dtype: DType = .float32) throws -> Tensor { try Tensor.zeros(shape, dtype) }

  func expect(
    _ kind: TorchError.Kind, _ operation: String, _ shapes: [[Int]],
    location: SourceLocation = #_sourceLocation, _ body: () throws -> Void
  ) {
    let error = #expect(throws: TorchError.self, sourceLocation: location, performing: body)
    guard let error else { return }
    #expect(error.kind == kind, "\(error)", sourceLocation: location)
    #expect(error.operation == operation, sourceLocation: location)
    #expect(error.shapes == shapes, sourceLocation: location)
    for sign in ["\n", "Exception raised", "frame #", ".cpp:"] {
      #expect(!error.description.contains(sign), "\(error)", sourceLocation: location)
    }
    #expect(error.description.hasPrefix(operation + "("), sourceLocation: location)
    #expect(!error.message.isEmpty, sourceLocation: location)
  }

  @Test func `the description names operation, shapes and reason`() throws {
    let a = try zeros(2, 3)
    let error = #expect(throws: TorchError.self) { try a.matmul(a) }
    #expect(
      error?.description
        == "matmul([2, 3], [2, 3]): mat1 and mat2 shapes cannot be multiplied (2x3 and 2x3)")
  }

  @Test func `shapes that do not fit`() throws {
    let a = try zeros(2, 3)
    let b = try zeros(4, 5)
    let ids = try Tensor.integers([0, 1])
    let three = try zeros(2, 2, 4)
    let one = try zeros(2, 1, 4)
    let angles = try zeros(3, 2)
    expect(.other, "matmul", [[2, 3], [4, 5]]) { _ = try a.matmul(b) }
    expect(.other, "add", [[2, 3], [4, 5]]) { _ = try a + b }
    expect(.other, "add_in_place", [[2, 3], [4, 5]]) { try a.add(b) }
    expect(.other, "copy_in_place", [[2, 3], [4, 5]]) { try a.copy(from: b) }
    expect(.other, "cat_rows", [[2, 3], [4, 5]]) { _ = try Tensor.concatenated([a, b]) }
    expect(.other, "reshape", [[2, 3]]) { _ = try a.reshaped([4]) }
    expect(.other, "linear", [[2, 3], [4, 5]]) { _ = try a.linear(b) }
    expect(.other, "rms_norm", [[2, 3], [4, 5]]) { _ = try a.rmsNorm(b, epsilon: 1e-5) }
    expect(.other, "swiglu", [[2, 3]]) { _ = try a.swiGLU() }
    expect(.other, "rotary", [[2, 2, 4], [3, 2], [3, 2]]) {
      _ = try three.rotated(cosine: angles, sine: angles)
    }
    expect(.other, "split_heads", [[2, 3]]) {
      _ = try a.splitHeads(heads: 2, kvHeads: 1, headSize: 4, angles: nil)
    }
    expect(.other, "split_heads", [[4, 5], [3, 2], [3, 2]]) {
      _ = try b.splitHeads(heads: 3, kvHeads: 1, headSize: 1, angles: (angles, angles))
    }
    expect(.other, "tree_attention", [[2, 2, 4], [2, 1, 4], [2, 1, 4]]) {
      _ = try Tensor.treeAttention(q: three, k: one, v: one, layout: TreeLayout([.init(prefix: 3)]))
    }
    expect(.other, "tree_attention", [[2, 1, 4], [2, 2, 4], [2, 2, 4]]) {
      _ = try Tensor.treeAttention(q: one, k: three, v: three, layout: TreeLayout([.init(prefix: 2)]))
    }
    expect(.other, "head_logits", [[2, 3], [4, 5], [4, 5]]) { _ = try a.headLogits(b, packed: b) }
    expect(.other, "head_log_probabilities", [[2, 3], [4, 5], [4, 5], [2]]) {
      _ = try a.headLogProbabilities(b, packed: b, targets: ids, temperature: 1)
    }
    expect(.other, "head_log_probabilities", [[4, 5], [4, 5], [4, 5], [2]]) {
      _ = try b.headLogProbabilities(b, packed: b, targets: ids, temperature: 1)
    }
    expect(.other, "backward", [[2, 3], [4, 5]]) { try a.leaf(requiresGradient: true).backward(gradient: b) }
  }

  @Test func `low-rank parts that do not cover their matrices`() throws {
    let x = try zeros(2, 3)
    let weight = try zeros(8, 3)
    for (a, b, offsets, widths) in [
      (try zeros(4, 3), try zeros(6, 2), [0, 4], [4, 4]),
      (try zeros(2, 3), try zeros(8, 2), [0, 4], [4, 4]),
      (try zeros(4, 3), try zeros(8, 2), [0, 6], [4, 4]),
    ] {
      let parts = LowRankParts(a: a, b: b, offsets: offsets, widths: widths, scale: 1)
      let error = #expect(throws: TorchError.self) { try x.linear(weight, lowRank: parts) }
      #expect(error?.operation == "linear")
    }
  }

  @Test func `packed heads of another weight`() throws {
    let hidden = try zeros(2, 64, dtype: .bfloat16)
    let weight = try zeros(128, 64, dtype: .bfloat16)
    let other = try zeros(64, 64, dtype: .bfloat16).packedHead()
    let error = #expect(throws: TorchError.self) { try hidden.headLogits(weight, packed: other) }
    #expect(error?.message == "head: the packed form belongs to another weight")
  }

  @Test func `number formats that do not fit`() throws {
    let a = try zeros(2, 4)
    let half = try zeros(4, dtype: .bfloat16)
    let halves = try zeros(2, 4, dtype: .bfloat16)
    let integers = try zeros(2, 4, dtype: .int64)
    let three = try zeros(2, 1, 4)
    let angles = try zeros(2, 2, dtype: .bfloat16)
    expect(.type, "rms_norm", [[2, 4], [4]]) { _ = try a.rmsNorm(half, epsilon: 1e-5) }
    expect(.type, "rms_norm", [[2, 4], [4]]) {
      _ = try integers.rmsNorm(Tensor.zeros([4], .int64), epsilon: 1)
    }
    expect(.type, "swiglu", [[2, 4]]) { _ = try integers.swiGLU() }
    expect(.type, "rotary", [[2, 1, 4], [2, 2], [2, 2]]) {
      _ = try three.rotated(cosine: angles, sine: angles)
    }
    expect(.type, "head_logits", [[2, 4], [2, 4], [2, 4]]) { _ = try a.headLogits(halves, packed: halves) }
    expect(.type, "head_logits", [[2, 4], [2, 4], [2, 4]]) {
      _ = try integers.headLogits(integers, packed: integers)
    }
    expect(.type, "head_log_probabilities", [[2, 4], [2, 4], [2, 4], [2]]) {
      _ = try a.headLogProbabilities(a, packed: a, targets: Tensor.zeros([2], .float32), temperature: 1)
    }
    expect(.type, "sample", [[2, 4]]) {
      _ = try halves.sample([Draw(temperature: 1, uniform: 0), Draw(temperature: 1, uniform: 0)])
    }
    expect(.other, "sum_of_squares", [[2, 4]]) { _ = try halves.sumOfSquares() }
    expect(.other, "matmul", [[2, 4], [4]]) { _ = try a.matmul(half) }
  }

  @Test func `indices out of range`() throws {
    let weight = try zeros(4, 2)
    let hidden = try zeros(2, 2)
    expect(.index, "embedding", [[4, 2], [2]]) {
      _ = try Tensor.embedding(weight, ids: Tensor.integers([0, 4]))
    }
    expect(.index, "embedding", [[4, 2], [1]]) {
      _ = try Tensor.embedding(weight, ids: Tensor.integers([-1]))
    }
    expect(.index, "index_rows", [[4, 2], [1]]) { _ = try weight.rows(at: Tensor.integers([4])) }
    expect(.index, "rows", [[4, 2]]) { _ = try weight.rows(5..<6) }
    expect(.other, "rows", [[4, 2]]) { _ = try weight.rows(3..<5) }
    for target in [4, -1] {
      expect(.index, "head_log_probabilities", [[2, 2], [4, 2], [4, 2], [2]]) {
        _ = try hidden.headLogProbabilities(
          weight, packed: weight, targets: Tensor.integers([0, target]), temperature: 1)
      }
    }
  }

  @Test func `a temperature that is no temperature`() throws {
    let weight = try zeros(4, 2)
    for temperature in [0, -1, Double.nan] {
      expect(.value, "head_log_probabilities", [[4, 2], [4, 2], [4, 2], [4]]) {
        _ = try weight.headLogProbabilities(
          weight, packed: weight, targets: Tensor.integers([0, 1, 2, 3]), temperature: temperature)
      }
    }
  }

  @Test func `memory that no machine has is an error of kind memory`() throws {
    // 2^48 bytes: more than a process can address.
    expect(.memory, "empty", [[1 << 23, 1 << 23]]) { _ = try Tensor.empty([1 << 23, 1 << 23], .float32) }
    expect(.memory, "zeros", [[1 << 46]]) { _ = try Tensor.zeros([1 << 46], .float32) }
    let column = try zeros(1 << 23, 1, dtype: .bfloat16)
    expect(.memory, "matmul", [[1 << 23, 1], [1, 1 << 23]]) {
      _ = try column.matmul(column.reshaped([1, 1 << 23]))
    }
  }

  @Test func `an element count that overflows, and negative sizes, are errors`() throws {
    #expect(throws: TorchError.self) { try Tensor.empty([1 << 40, 1 << 40], .float32) }
    #expect(throws: TorchError.self) { try Tensor.empty([-3], .float32) }
  }

  @Test func `a graph is used once`() throws {
    let x = try zeros(1, 2).leaf(requiresGradient: true)
    let y = try x.rmsNorm(Tensor.zeros([2], .float32), epsilon: 1)
    try y.backward(gradient: x)
    expect(.other, "backward", [[1, 2], [1, 2]]) { try y.backward(gradient: x) }
  }
}
