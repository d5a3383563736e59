import Foundation
import Records
import Testing
import Torch

/// Products over panels: right, and for every row the same bits whatever is computed beside it. That sampler and
/// trainer agree rests on this.
struct PanelTests {
  static let depths = [2, 4, 6, 14, 16, 30, 64, 130, 576]

  @Test(arguments: [DType.float32, .bfloat16], depths)
  func `a product is libtorch's but for the order of its sums`(dtype: DType, depth: Int) throws {
    let products = try Products(dtype, depth: depth)
    let (expected, magnitude) = try products.reference()
    let found = try products.product(0..<100, columns: Products.columns).floats()
    try #require(found.count == expected.count)
    #expect(products.deviation(found, expected, magnitude: magnitude) < 1)
  }

  @Test(arguments: [DType.float32, .bfloat16], depths)
  func `a row has the same bits in any company, and a column beside any others`(dtype: DType, depth: Int)
    throws
  {
    try Products(dtype, depth: depth).expectIndependentRows()
  }

  @Test func `a row that is not a number leaves the others alone`() throws {
    for dtype in [DType.float32, .bfloat16] {
      let products = try Products(dtype, depth: 30)
      let panels = try products.weight.panels()
      let linear = Linear(products.weight, panels: LinearPanels(forward: panels))
      let residual = try Tensor.zeros([100, Products.columns], dtype)
      let before = try products.x.linear(linear, addedTo: residual).bits()
      for row in [0, 5, 6, 47, 48, 99] {
        let copy = try Tensor.zeros([100, 30], dtype)
        try copy.copy(from: products.x)
        try copy.rows(row..<row + 1).copy(from: Tensor.floats([Float](repeating: .nan, count: 30), [1, 30]))
        let after = try copy.linear(linear, addedTo: residual)
        #expect(try after.rows(row..<row + 1).floats().allSatisfy(\.isNaN))
        let others = Array(0..<100).filter { $0 != row }
        let kept = others.flatMap { before[$0 * Products.columns..<($0 + 1) * Products.columns] }
        #expect(try after.rows(at: Tensor.integers(others)).bits() == kept, "row \(row)")
      }
    }
  }

  // MARK: the kernels of machines without AVX-512 BF16

  /// The variable is read at the first product of a process, so these run in one of their own.
  @Test(arguments: [DType.float32, .bfloat16])
  func `portable kernels give these products within float32 rounding`(dtype: DType) async throws {
    let isHalf = dtype == .bfloat16
    let found = try Self.depths.map {
      try Products(dtype, depth: $0).product(0..<100, columns: Products.columns).floats()
    }
    await #expect(processExitsWith: .success) { [isHalf = isHalf as Bool, found = found as [[Float]]] in
      setenv("OPERANT_PORTABLE_KERNELS", "1", 1)
      var differs = false
      for (depth, here) in zip(PanelTests.depths, found) {
        let products = try Products(isHalf ? .bfloat16 : .float32, depth: depth)
        let portable = try products.product(0..<100, columns: Products.columns).floats()
        let (_, magnitude) = try products.reference()
        #expect(products.deviation(portable, here, magnitude: magnitude) < 1, "depth \(depth)")
        differs = differs || portable != here
      }
      print("portable kernels differ from this machine's in some bit: \(differs)")
    }
  }

  @Test(arguments: [DType.float32, .bfloat16])
  func `portable kernels give a row the same bits in any company`(dtype: DType) async throws {
    let isHalf = dtype == .bfloat16
    await #expect(processExitsWith: .success) { [isHalf = isHalf as Bool] in
      setenv("OPERANT_PORTABLE_KERNELS", "1", 1)
      for depth in [2, 14, 64] {
        try Products(isHalf ? .bfloat16 : .float32, depth: depth).expectIndependentRows()
      }
    }
  }
}
