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

  /// Attention of one head over one, both of size 4, at `count` tokens.
  func attention(_ count: Int) throws -> (Attention, Angles) {
    (
      Attention(heads: 1, kvHeads: 1, headSize: 4),
      Angles(cosine: try zeros(count, 2), sine: try zeros(count, 2))
    )
  }

  @Test func `shapes that do not fit`() throws {
    let a = try zeros(2, 3)
    let b = try zeros(4, 5)
    let ids = try Tensor.integers([0, 1])
    let x = try zeros(2, 4)
    expect(.other, "matmul", [[2, 3], [4, 5]]) { _ = try a.matmul(b) }
    expect(.other, "add", [[2, 3], [4, 5]]) { _ = try a + b }
    expect(.other, "add_in_place", [[2, 3], [4, 5]]) { try a.add(b) }
    expect(.other, "copy_in_place", [[2, 3], [4, 5]]) { try a.copy(from: b) }
    expect(.other, "cat_rows", [[2, 3], [4, 5]]) { _ = try Tensor.concatenated([a, b]) }
    expect(.other, "reshape", [[2, 3]]) { _ = try a.reshaped([4]) }
    expect(.other, "rms_norm", [[2, 3], [4, 5]]) { _ = try a.rmsNorm(b, epsilon: 1e-5) }
    expect(.other, "rms_norm", [[4], [4]]) { _ = try zeros(4).rmsNorm(zeros(4), epsilon: 1e-5) }
    expect(.other, "panels", [[4]]) { _ = try zeros(4).panels() }
    expect(.other, "head_log_probabilities", [[2, 4], [4, 6], [2]]) {
      _ = try x.headLogProbabilities(.all(of: zeros(4, 6)), targets: ids, temperature: 1)
    }
    expect(.other, "head_log_probabilities", [[2, 4], [6, 4], [3]]) {
      _ = try x.headLogProbabilities(
        .all(of: zeros(6, 4)), targets: Tensor.integers([0, 1, 2]), temperature: 1)
    }
    expect(.other, "backward", [[2, 3], [4, 5]]) { try a.leaf(requiresGradient: true).backward(gradient: b) }
  }

  @Test(arguments: Route.allCases)
  func `linears that do not fit`(route: Route) throws {
    let x = try zeros(2, 4)
    func linear(_ outputs: Int, _ inputs: Int, dtype: DType = .float32) throws -> Linear {
      let weight = try zeros(outputs, inputs, dtype: dtype)
      return Linear(weight, panels: route == .panels ? try .all(of: weight) : nil)
    }
    expect(.other, "norm_linear", [[2, 4], [6], [8, 6]]) {
      _ = try x.normLinear(zeros(6), epsilon: 1, linear(8, 6))
    }
    expect(.other, "norm_linear", [[2, 4], [4], [8, 6]]) {
      _ = try x.normLinear(zeros(4), epsilon: 1, linear(8, 6))
    }
    expect(.other, "linear_add", [[2, 4], [2, 8], [8, 6]]) {
      _ = try x.linear(linear(8, 6), addedTo: zeros(2, 8))
    }
    expect(.other, "linear_add", [[2, 4], [1, 8], [8, 4]]) {
      _ = try x.linear(linear(8, 4), addedTo: zeros(1, 8))
    }
    expect(.other, "gated_linear_add", [[2, 4], [2, 8], [8, 6]]) {
      _ = try x.gatedLinear(linear(8, 6), addedTo: zeros(2, 8))
    }
    for (outputs, inputs) in [(7, 4), (8, 5)] {
      expect(.other, "linear_add", [[2, inputs], [2, outputs], [outputs, inputs]]) {
        _ = try zeros(2, inputs).linear(linear(outputs, inputs), addedTo: zeros(2, outputs))
      }
    }
    expect(.type, "linear_add", [[2, 4], [2, 8], [8, 4]]) {
      _ = try x.linear(linear(8, 4, dtype: .bfloat16), addedTo: zeros(2, 8))
    }
    expect(.other, "linear_add", [[2, 4], [2, 8], [8, 4]]) {
      _ = try x.linear(linear(8, 4), addedTo: zeros(2, 8, dtype: .bfloat16))
    }
  }

  @Test func `linears in place that have no room`() throws {
    let x = try zeros(3, 4)
    let weight = try zeros(8, 4)
    let linear = Linear(weight, panels: try .all(of: weight))
    let none = try zeros(1).place()
    func add(_ x: RowPlace, _ linear: Linear, _ count: Int, low: RowPlace, to sum: RowPlace) throws {
      try x.linear(.one(linear, rows: count), low: low, addedTo: sum, into: sum)
    }
    expect(.other, "linear_add", [[3, 4], [2, 8], [8, 4]]) {
      try add(x.place(), linear, 3, low: none, to: zeros(2, 8).place())
    }
    expect(.other, "linear_add", [[3, 4], [4, 8], [8, 4]]) {
      try add(x.place(), linear, 4, low: none, to: zeros(4, 8).place())
    }
    expect(.other, "linear_add", [[3, 4], [4, 8], [8, 4]]) {
      try add(x.place(2), linear, 2, low: none, to: zeros(4, 8).place())
    }
    expect(.other, "linear_add", [[3, 4], [3, 8], [8, 4]]) {
      try add(x.place(1), linear, 2, low: none, to: zeros(3, 8).place(2))
    }
    expect(.other, "norm_linear", [[3, 4], [4], [8, 4]]) {
      try x.place().normLinear(
        zeros(4), epsilon: 1, .one(linear, rows: 3), normed: zeros(2, 4), low: none, into: zeros(3, 8).place()
      )
    }
    expect(.other, "rms_norm", [[3, 4], [4], [2, 4]]) {
      try x.place().rmsNorm(zeros(4), epsilon: 1, count: 3, into: zeros(2, 4))
    }
    let parts = LowRankParts(a: try zeros(2, 4), b: try zeros(8, 2), offsets: [0], widths: [8], scale: 1)
    let adapted = Linear(weight, panels: try .all(of: weight, parts), lowRank: parts)
    #expect(parts.paddedRank == 16)
    expect(.other, "linear_add", [[3, 4], [3, 8], [8, 4], [2, 4], [8, 2]]) {
      try add(x.place(), adapted, 3, low: zeros(2 * 16).place(), to: zeros(3, 8).place())
    }
  }

  @Test(arguments: Route.allCases)
  func `low-rank parts that do not cover their matrices`(route: Route) throws {
    let x = try zeros(2, 4)
    let weight = try zeros(8, 4)
    let residual = try zeros(2, 8)
    for (a, b, offsets, widths) in [
      (try zeros(4, 4), try zeros(6, 2), [0, 4], [4, 4]),
      (try zeros(2, 4), try zeros(8, 2), [0, 4], [4, 4]),
      (try zeros(4, 2), try zeros(8, 2), [0, 4], [4, 4]),
      (try zeros(4, 4), try zeros(8, 2), [0, 6], [4, 4]),
      (try zeros(4, 4), try zeros(8, 2), [4, 0], [4, 4]),
      (try zeros(4, 4), try zeros(8, 2), [-4, 4], [4, 4]),
    ] {
      let parts = LowRankParts(a: a, b: b, offsets: offsets, widths: widths, scale: 1)
      let shapes = [[8, 4], a.shape, b.shape]
      switch route {
      case .panels: expect(.other, "low_rank_panels", shapes) { _ = try parts.panels(of: weight) }
      case .library:
        expect(.other, "linear_add", [[2, 4], [2, 8]] + shapes) {
          _ = try x.linear(Linear(weight, lowRank: parts), addedTo: residual)
        }
      }
    }
    let parts = LowRankParts(a: try zeros(2, 4), b: try zeros(8, 2), offsets: [0], widths: [8], scale: 1)
    let error = #expect(throws: TorchError.self) {
      try x.linear(Linear(weight, panels: .all(of: weight), lowRank: parts), addedTo: residual)
    }
    #expect(error?.message == "linear: the weight is in panels and its low-rank parts are not")
  }

  @Test func `results that are given to a layer and do not fit`() throws {
    let x = try zeros(2, 4)
    let weight = try zeros(8, 4)
    let residual = try zeros(2, 8)
    let linear = Linear(weight, panels: try .all(of: weight))
    for shape in [[2, 6], [3, 8], [16]] {
      let made = Made(result: try Tensor.zeros(shape, .float32), aside: nil)
      expect(.other, "norm_linear", [[2, 4], [4], [8, 4]]) {
        _ = try x.normLinear(zeros(4), epsilon: 1, linear, given: made)
      }
      expect(.other, "linear_add", [[2, 4], [2, 8], [8, 4]]) {
        _ = try x.linear(linear, addedTo: residual, given: made)
      }
      expect(.other, "gated_linear_add", [[2, 8], [2, 8], [8, 4]]) {
        _ = try zeros(2, 8).gatedLinear(linear, addedTo: residual, given: made)
      }
    }
    let half = Made(result: try zeros(2, 8, dtype: .bfloat16), aside: nil)
    #expect(throws: TorchError.self) { try x.linear(linear, addedTo: residual, given: half) }
    let parts = LowRankParts(a: try zeros(2, 4), b: try zeros(8, 2), offsets: [0], widths: [8], scale: 1)
    let adapted = Linear(weight, panels: try .all(of: weight, parts), lowRank: parts)
    for aside in [nil, try zeros(2, 2), try zeros(3, 16), try zeros(2, 16, dtype: .bfloat16)] {
      #expect(throws: TorchError.self) {
        try x.linear(adapted, addedTo: residual, given: Made(result: zeros(2, 8), aside: aside))
      }
    }
    let (attention, angles) = try attention(2)
    for (result, sums) in [
      (try zeros(2, 4), nil), (try zeros(2, 4), try zeros(3, 1)), (try zeros(3, 4), try zeros(2, 1)),
      (try zeros(2, 4, dtype: .bfloat16), try zeros(2, 1)),
      (try zeros(2, 4), try zeros(2, 1, dtype: .bfloat16)),
    ] {
      expect(.other, "tree_attention", [[2, 12], [2, 2]]) {
        _ = try zeros(2, 12).treeAttention(
          attention, angles: angles, layout: TreeLayout([.init(prefix: 2)]),
          given: Made(result: result, aside: sums))
      }
    }
  }

  @Test func `rows that cannot be gathered`() throws {
    let (a, b) = (try zeros(2, 4), try zeros(3, 4))
    for (source, row) in [(Int32(2), Int64(0)), (-1, 0), (0, 2), (1, -2)] {
      expect(.index, "gather_rows", [[2, 4]]) {
        _ = try Tensor.gathered([(a, 0), (b, 1)], sources: [source], rows: [row])
      }
    }
    for other in [try zeros(2, 5), try zeros(8), try zeros(2, 4, dtype: .bfloat16)] {
      expect(.other, "gather_rows", [[2, 4]]) {
        _ = try Tensor.gathered([(a, 0), (other, 0)], sources: [0], rows: [0])
      }
    }
  }

  @Test func `attention that does not fit`() throws {
    let qkv = try zeros(2, 12)
    let (attention, angles) = try attention(2)
    func tree(
      _ qkv: Tensor, _ attention: Attention, _ angles: Angles, _ prefix: Int = 2
    ) throws {
      _ = try qkv.treeAttention(attention, angles: angles, layout: TreeLayout([.init(prefix: prefix)]))
    }
    try tree(qkv, attention, angles)
    expect(.other, "tree_attention", [[2, 10], [2, 2]]) { try tree(zeros(2, 10), attention, angles) }
    expect(.other, "tree_attention", [[2, 12], [2, 2]]) { try tree(qkv, attention, angles, 3) }
    expect(.other, "tree_attention", [[2, 12], [1, 2]]) { try tree(qkv, attention, self.attention(1).1) }
    expect(.other, "tree_attention", [[2, 12], [2, 2]]) {
      try tree(qkv, attention, Angles(cosine: zeros(2, 2), sine: zeros(2, 1)))
    }
    expect(.other, "tree_attention", [[2, 12], [2, 2]]) {
      try tree(qkv, Attention(heads: 3, kvHeads: 2, headSize: 4), angles)
    }
    expect(.other, "tree_attention", [[2, 12], [2, 2]]) {
      try tree(qkv, Attention(heads: 2, kvHeads: 1, headSize: 3), angles)
    }
    expect(.other, "tree_attention", [[2, 12], [2, 2]]) {
      try tree(
        qkv, Attention(heads: 1, kvHeads: 1, headSize: 4, norms: (zeros(4), zeros(3)), normEpsilon: 1), angles
      )
    }
    expect(.type, "tree_attention", [[2, 12], [2, 2]]) {
      try tree(
        qkv, attention,
        Angles(cosine: zeros(2, 2, dtype: .bfloat16), sine: zeros(2, 2, dtype: .bfloat16)))
    }
    expect(.type, "tree_attention", [[2, 12], [2, 2]]) {
      try tree(zeros(2, 12, dtype: .int64), attention, angles)
    }

    let cache = try KeyValueCache(attention, layers: 1, positions: 1, dtype: .float32)
    var rows = CacheRows()
    for _ in 0..<3 { try rows.append(cache, length: 1, attention: attention, positions: 1) }
    // Rows of qkv, of angles, of the output, of the sums; one of them too few.
    for (tokens, turns, outputs, sums) in [(2, 3, 3, 3), (3, 2, 3, 3), (3, 3, 2, 3), (3, 3, 3, 2)] {
      expect(.other, "decode_attention", [[tokens, 12], [turns, 2], [outputs, 4]]) {
        try zeros(tokens, 12).place().decodeAttention(
          attention, angles: self.attention(turns).1, rows: rows, layer: 0, scratch: zeros(3, 4),
          into: zeros(outputs, 4).place(), logSums: zeros(sums, 1).place())
      }
    }
  }

  @Test func `panels of another weight`() throws {
    let hidden = try zeros(2, 64, dtype: .bfloat16)
    let weight = try zeros(128, 64, dtype: .bfloat16)
    let other = try zeros(64, 64, dtype: .bfloat16).panels()
    let error = #expect(throws: TorchError.self) {
      try hidden.headLogProbabilities(
        Head(weight, panels: other), targets: Tensor.integers([0, 1]), temperature: 1)
    }
    #expect(error?.message == "head: the panels belong to another weight")

    let (x, residual) = (try zeros(2, 64), try zeros(2, 128))
    let (matrix, small) = (try zeros(128, 64), try zeros(64, 64))
    let parts = LowRankParts(a: try zeros(2, 64), b: try zeros(128, 2), offsets: [0], widths: [128], scale: 1)
    let others = LowRankParts(a: try zeros(2, 64), b: try zeros(64, 2), offsets: [0], widths: [64], scale: 1)
    for panels in [
      LinearPanels(forward: try small.panels(), lowRank: try parts.panels(of: matrix)),
      LinearPanels(
        forward: try matrix.panels(), transposed: try small.panels(), lowRank: try parts.panels(of: matrix)),
      LinearPanels(forward: try matrix.panels(), lowRank: try others.panels(of: small)),
      LinearPanels(forward: try weight.panels(), lowRank: try parts.panels(of: matrix)),
    ] {
      let error = #expect(throws: TorchError.self) {
        try x.linear(Linear(matrix, panels: panels, lowRank: parts), addedTo: residual)
      }
      #expect(error?.message == "linear: the panels belong to another weight")
    }
    expect(.other, "panels", [[128, 64]]) { _ = try matrix.panels(into: small.panels()) }
    expect(.other, "low_rank_panels", [[128, 64], [2, 64], [128, 2]]) {
      _ = try parts.panels(of: matrix, into: others.panels(of: small))
    }
  }

  @Test func `a gradient without transposed panels says what is missing`() throws {
    let hidden = try zeros(2, 4).leaf(requiresGradient: true)
    let weight = try zeros(8, 4)
    let head = #expect(throws: TorchError.self) {
      try hidden.headLogProbabilities(
        Head(weight, panels: weight.panels()), targets: Tensor.integers([0, 1]), temperature: 1)
    }
    #expect(head?.message == "head: the gradient needs the weight's transposed panels")
    let y = try hidden.linear(
      Linear(weight, panels: LinearPanels(forward: weight.panels())), addedTo: zeros(2, 8))
    let linear = #expect(throws: TorchError.self) { try y.backward(gradient: zeros(2, 8)) }
    #expect(linear?.message == "linear: the gradient needs the weight's transposed panels")
  }

  @Test func `number formats that do not fit`() throws {
    let a = try zeros(2, 4)
    let half = try zeros(4, dtype: .bfloat16)
    let halves = try zeros(2, 4, dtype: .bfloat16)
    let integers = try zeros(2, 4, dtype: .int64)
    let targets = try Tensor.integers([0, 0])
    expect(.type, "rms_norm", [[2, 4], [4]]) { _ = try a.rmsNorm(half, epsilon: 1e-5) }
    expect(.type, "rms_norm", [[2, 4], [4]]) {
      _ = try integers.rmsNorm(Tensor.zeros([4], .int64), epsilon: 1)
    }
    expect(.type, "panels", [[2, 4]]) { _ = try integers.panels() }
    expect(.type, "head_log_probabilities", [[2, 4], [2, 4], [2]]) {
      _ = try a.headLogProbabilities(.all(of: halves), targets: targets, temperature: 1)
    }
    expect(.type, "head_log_probabilities", [[2, 4], [2, 4], [2]]) {
      _ = try a.headLogProbabilities(Head(a, panels: halves.panels()), targets: targets, temperature: 1)
    }
    expect(.type, "head_log_probabilities", [[2, 4], [2, 4], [2]]) {
      _ = try a.headLogProbabilities(.all(of: a), targets: Tensor.zeros([2], .float32), temperature: 1)
    }
    expect(.type, "head_sample", [[2, 4], [2, 4], [2, 2]]) {
      var drawn = [Drawn(), Drawn()]
      try halves.sample(
        .all(of: a), draws: [Draw(temperature: 1, uniform: 0), Draw(temperature: 1, uniform: 0)],
        logits: zeros(2, 2), into: &drawn)
    }
    expect(.other, "sum_of_squares", [[2, 4]]) { _ = try halves.sumOfSquares() }
    expect(.other, "matmul", [[2, 4], [4]]) { _ = try a.matmul(half) }
  }

  @Test func `a draw without room for its logits, and more draws than rows`() throws {
    let hidden = try zeros(2, 4)
    let head = try Head.all(of: zeros(6, 4))
    for (draws, room) in [(2, [1, 6]), (2, [2, 5]), (3, [3, 6])] {
      var drawn = [Drawn](repeating: Drawn(), count: draws)
      expect(.other, "head_sample", [[2, 4], [6, 4], room]) {
        try hidden.sample(
          head, draws: [Draw](repeating: Draw(temperature: 1, uniform: 0), count: draws),
          logits: Tensor.zeros(room, .float32), into: &drawn)
      }
    }
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
      expect(.index, "head_log_probabilities", [[2, 2], [4, 2], [2]]) {
        _ = try hidden.headLogProbabilities(
          .all(of: weight), targets: Tensor.integers([0, target]), temperature: 1)
      }
    }
    let angles = Angles(cosine: try zeros(3, 1), sine: try zeros(3, 1))
    for (id, position) in [(Int32(4), Int64(0)), (-1, 0), (0, 3), (0, -1)] {
      expect(.index, "decode_begin", [[4, 2], [2, 2]]) {
        try hidden.beginDecoding(
          [1, id], embedding: weight, positions: [0, position], angles: angles,
          into: Angles(cosine: zeros(2, 1), sine: zeros(2, 1)))
      }
    }
    expect(.other, "decode_begin", [[4, 2], [2, 2]]) {
      try hidden.beginDecoding(
        [1, 1, 1], embedding: weight, positions: [0, 0, 0], angles: angles,
        into: Angles(cosine: zeros(3, 1), sine: zeros(3, 1)))
    }
  }

  @Test func `a temperature that is no temperature`() throws {
    let weight = try zeros(4, 2)
    for temperature in [0, -1, Double.nan] {
      expect(.value, "head_log_probabilities", [[4, 2], [4, 2], [4]]) {
        _ = try weight.headLogProbabilities(
          .all(of: weight), targets: Tensor.integers([0, 1, 2, 3]), temperature: temperature)
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
