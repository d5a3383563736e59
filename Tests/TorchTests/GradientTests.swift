import Testing
import Torch

/// Where gradients are recorded, collected and dropped.
struct GradientTests {
  func leaf(_ values: [Float]) throws -> Tensor {
    try Tensor.floats(values, [1, values.count]).leaf(requiresGradient: true)
  }
  func column(_ values: [Float]) throws -> Tensor { try Tensor.floats(values, [values.count, 1]) }
  func one() throws -> Tensor { try Tensor.floats([1], [1, 1]) }

  @Test func `gradients add up until they are cleared`() throws {
    let x = try leaf([1, 2])
    #expect(try x.gradient() == nil)
    try x.matmul(column([3, 4])).backward(gradient: one())
    #expect(try x.gradient()?.floats() == [3, 4])
    try x.matmul(column([10, 20])).backward(gradient: Tensor.floats([0.5], [1, 1]))
    #expect(try x.gradient()?.floats() == [8, 14])
    x.clearGradient()
    #expect(try x.gradient() == nil)
    try x.matmul(column([1, 1])).backward(gradient: one())
    #expect(try x.gradient()?.floats() == [1, 1])
  }

  @Test func `clearing drops the leaf's gradient, not one that was taken out`() throws {
    let x = try leaf([1, 2])
    try x.matmul(column([3, 4])).backward(gradient: one())
    let taken = try #require(try x.gradient())
    x.clearGradient()
    try x.matmul(column([7, 7])).backward(gradient: one())
    #expect(try taken.floats() == [3, 4])
  }

  @Test func `a leaf shares memory with its tensor and not its gradient`() throws {
    let tensor = try Tensor.floats([1, 2], [1, 2])
    let first = try tensor.leaf(requiresGradient: true)
    let second = try tensor.leaf(requiresGradient: true)
    try first.matmul(column([3, 4])).backward(gradient: one())
    #expect(try second.gradient() == nil)
    try tensor.add(Tensor.floats([1, 1], [1, 2]))
    #expect(try first.floats() == [2, 3])
    // The product sees the changed values.
    #expect(try second.matmul(column([1, 1])).floats() == [5])
  }

  @Test func `a leaf that needs no gradient gets none`() throws {
    let x = try leaf([1, 2])
    let y = try Tensor.floats([3, 4], [2, 1]).leaf(requiresGradient: false)
    try x.matmul(y).backward(gradient: one())
    #expect(try y.gradient() == nil)
    #expect(try x.gradient()?.floats() == [3, 4])
  }

  @Test func `nothing is recorded without gradients, and the mode comes back after an error`() throws {
    let x = try leaf([1, 2])
    let silent = try withoutGradients { () throws(TorchError) in try x.matmul(Tensor.floats([3, 4], [2, 1])) }
    #expect(throws: TorchError.self) { try silent.backward(gradient: one()) }
    #expect(throws: TorchError.self) {
      try withoutGradients { () throws(TorchError) in
        try withoutGradients { () throws(TorchError) in _ = try x.matmul(x) }
      }
    }
    try x.matmul(column([3, 4])).backward(gradient: one())
    #expect(try x.gradient()?.floats() == [3, 4])
    // An inner scope does not end the outer one.
    let nested = try withoutGradients { () throws(TorchError) in
      try withoutGradients { () throws(TorchError) in _ = try x + x }
      return try x + x
    }
    #expect(throws: TorchError.self) { try nested.backward(gradient: x) }
  }

  @Test func `changes in place are never recorded`() throws {
    let x = try leaf([1, 2])
    try x.add(Tensor.floats([1, 1], [1, 2]))
    try x.copy(from: Tensor.floats([5, 6], [1, 2]))
    try x.matmul(column([3, 4])).backward(gradient: one())
    #expect(try x.gradient()?.floats() == [3, 4])
    #expect(try x.floats() == [5, 6])
  }

  @Test func `shards have gradients of their own and give results in order`() throws {
    let results = try Shards(count: 5).run { shard throws(TorchError) in
      let x = try Tensor.floats([Float(shard), 1], [1, 2]).leaf(requiresGradient: true)
      let y = try x.matmul(Tensor.floats([Float(shard), 10], [2, 1]))
      try y.backward(gradient: Tensor.floats([1], [1, 1]))
      return (try y.floats(), try x.gradient()?.floats())
    }
    #expect(results.map(\.0) == (0..<5).map { [Float($0 * $0 + 10)] })
    #expect(results.map(\.1) == (0..<5).map { [Float($0), 10] })
  }

  @Test func `a shard's error is the first one's, after all have ended`() throws {
    let error = #expect(throws: TorchError.self) {
      try Shards(count: 4).run { shard throws(TorchError) in
        _ = try Tensor.zeros([shard, 3], .float32).matmul(Tensor.zeros([shard < 2 ? 3 : 4, 2], .float32))
      }
    }
    #expect(error?.shapes == [[2, 3], [4, 2]])
  }
}
