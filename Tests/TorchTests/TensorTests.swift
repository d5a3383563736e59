import Testing
import Torch

/// Data, shapes and arithmetic, on numbers worked out by hand.
struct TensorTests {
  func matrix() throws -> Tensor { try Tensor.floats([1, 2, 3, 4, 5, 6], [3, 2]) }

  @Test func `zeros and integers hold what they say`() throws {
    let zeros = try Tensor.zeros([2, 3], .bfloat16)
    #expect(zeros.shape == [2, 3])
    #expect(zeros.count == 6)
    #expect(zeros.dtype == .bfloat16)
    #expect(try zeros.floats() == [0, 0, 0, 0, 0, 0])
    let integers = try Tensor.integers([3, -1, 1 << 40])
    #expect(integers.dtype == .int64)
    #expect(try integers.withBytes { Array($0.bindMemory(to: Int64.self)) } == [3, -1, 1 << 40])
    #expect(try Tensor.floats([], [0, 4]).floats() == [])
  }

  @Test func `bfloat16 rounds to the nearest, ties to even, and is read back exactly`() throws {
    // Numbers near 1 are 2^-7 apart.
    let step: Float = 0x1p-7
    let values: [Float] = [1, 1 + step, 1 + step / 2, 1 + step * 1.5, 1 + step * 0.51, -3.25, .infinity]
    let rounded = try Tensor.floats(values, [7], .bfloat16)
    #expect(try rounded.floats() == [1, 1 + step, 1, 1 + 2 * step, 1 + step, -3.25, .infinity])
    #expect(try rounded.withBytes { $0.count } == 14)
  }

  @Test func `a conversion that changes nothing shares memory`() throws {
    let tensor = try matrix()
    let same = try tensor.to(.float32)
    let copy = try tensor.to(.bfloat16)
    try tensor.rows(0..<1).copy(from: Tensor.floats([9, 8], [1, 2]))
    #expect(try same.floats() == [9, 8, 3, 4, 5, 6])
    #expect(try copy.floats() == [1, 2, 3, 4, 5, 6])
  }

  @Test func `rows are views, rows at an index are copies`() throws {
    let tensor = try matrix()
    let view = try tensor.rows(1..<3)
    let copy = try tensor.rows(at: Tensor.integers([2, 0, 2]))
    #expect(view.shape == [2, 2])
    #expect(try view.floats() == [3, 4, 5, 6])
    #expect(try copy.floats() == [5, 6, 1, 2, 5, 6])
    try view.add(Tensor.floats([10, 10, 10, 10], [2, 2]))
    #expect(try tensor.floats() == [1, 2, 13, 14, 15, 16])
    #expect(try copy.floats() == [5, 6, 1, 2, 5, 6])
    #expect(try tensor.rows(1..<1).shape == [0, 2])
  }

  @Test func `rows are gathered from several tensors, each from its own base`() throws {
    for dtype in [DType.float32, .bfloat16] {
      let a = try matrix().to(dtype)
      let b = try Tensor.floats([10, 20, 30, 40, 50, 60, 70, 80], [4, 2], dtype)
      let gathered = try Tensor.gathered(
        [(a, 1), (b, 0), (b, 2)], sources: [2, 0, 1, 0, 2], rows: [1, 0, 1, 1, 0])
      #expect(gathered.shape == [5, 2])
      #expect(gathered.dtype == dtype)
      #expect(try gathered.floats() == [70, 80, 3, 4, 30, 40, 5, 6, 50, 60])
      #expect(try Tensor.gathered([(a, 0)], sources: [], rows: []).shape == [0, 2])
    }
  }

  @Test func `reshaping keeps the order and works out one size`() throws {
    let tensor = try matrix()
    #expect(try tensor.reshaped([2, 3]).shape == [2, 3])
    #expect(try tensor.reshaped([-1]).floats() == [1, 2, 3, 4, 5, 6])
    #expect(try tensor.reshaped([1, -1, 2]).shape == [1, 3, 2])
  }

  @Test func `concatenation puts tensors one below the other`() throws {
    let tensor = try matrix()
    let joined = try Tensor.concatenated([tensor.rows(2..<3), tensor, tensor.rows(0..<1)])
    #expect(joined.shape == [5, 2])
    #expect(try joined.floats() == [5, 6, 1, 2, 3, 4, 5, 6, 1, 2])
    let alone = try Tensor.concatenated([tensor])
    #expect(alone === tensor)
  }

  @Test func `addition broadcasts and a product is a product`() throws {
    let tensor = try matrix()
    #expect(try (tensor + Tensor.floats([10, 20], [2])).floats() == [11, 22, 13, 24, 15, 26])
    let product = try tensor.matmul(Tensor.floats([1, 0, 2, -1, 1, 1], [2, 3]))
    #expect(product.shape == [3, 3])
    #expect(try product.floats() == [-1, 2, 4, -1, 4, 10, -1, 6, 16])
  }

  @Test func `addition in place scales and converts`() throws {
    let tensor = try matrix()
    try tensor.add(Tensor.floats([1, 1, 1, 1, 1, 1], [3, 2], .bfloat16), scale: -0.5)
    #expect(try tensor.floats() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
    let half = try Tensor.zeros([3, 2], .bfloat16)
    try half.copy(from: tensor)
    #expect(try half.floats() == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
  }

  @Test func `the sum of squares is in double precision`() throws {
    #expect(try matrix().sumOfSquares() == 91)
    // In float32 the ones would vanish beside 2^24.
    let values = [Float](repeating: 1, count: 4096) + [4096]
    #expect(try Tensor.floats(values, [4097]).sumOfSquares() == 16_781_312)
    #expect(try Tensor.zeros([0], .float32).sumOfSquares() == 0)
  }
}
