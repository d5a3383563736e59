import Records
import Testing
import Torch

/// Rows times panels as they come out of the kernels: float32, not rounded to the operands' type.
struct Products {
  static let rows = Array(1...13) + [48, 49, 100]
  static let columns = 70

  let dtype: DType
  let depth: Int
  /// `[100, depth]`
  let x: Tensor
  /// `[70, depth]`
  let weight: Tensor

  init(_ dtype: DType, depth: Int) throws {
    self.dtype = dtype
    self.depth = depth
    var random = SplitMix64(seed: UInt64(depth))
    x = try Tensor.random([100, depth], dtype, &random)
    weight = try Tensor.random([Self.columns, depth], dtype, &random)
  }

  /// Of some of the rows and the first columns, `[rows, columns]`: the logits of a head.
  func product(_ rows: Range<Int>, columns: Int) throws -> Tensor {
    let weight = try weight.rows(0..<columns)
    return try Self.logits(x.rows(rows), Head(weight, panels: weight.panels()))
  }

  static func logits(_ x: Tensor, _ head: Head) throws -> Tensor {
    let rows = x.shape[0]
    let logits = try Tensor.empty([rows, head.weight.shape[0]], .float32)
    var drawn = [Drawn](repeating: Drawn(), count: rows)
    try x.sample(
      head, draws: [Draw](repeating: Draw(temperature: 0, uniform: 0), count: rows), logits: logits,
      into: &drawn)
    return logits
  }

  /// libtorch's product in float32, and for each element the sum of the magnitudes that went into it.
  func reference() throws -> (product: [Float], magnitude: [Float]) {
    func magnitudes(_ tensor: Tensor) throws -> Tensor {
      try Tensor.floats(tensor.floats().map(abs), tensor.shape)
    }
    func turned(_ tensor: Tensor) throws -> Tensor {
      let values = try tensor.floats()
      let (rows, columns) = (tensor.shape[0], tensor.shape[1])
      return try Tensor.floats(
        (0..<columns).flatMap { column in (0..<rows).map { values[$0 * columns + column] } }, [columns, rows])
    }
    return (
      try x.to(.float32).matmul(turned(weight)).floats(),
      try magnitudes(x).matmul(turned(magnitudes(weight))).floats()
    )
  }

  /// The largest difference of two products, in units of what float32 sums of this depth may stray.
  func deviation(_ a: [Float], _ b: [Float], magnitude: [Float]) -> Float {
    var worst: Float = 0
    for index in a.indices {
      let difference = abs(a[index] - b[index])
      worst = max(
        worst, difference.isNaN ? .infinity : difference / (Float(depth) * 0x1p-24 * magnitude[index] + 1e-37)
      )
    }
    return worst
  }

  /// Expects every part of the product to have the bits of the whole.
  func expectIndependentRows() throws {
    let whole = try product(0..<100, columns: Self.columns).bits()
    for columns in 1...Self.columns {
      for count in Self.rows {
        let start = (7 * count + columns) % (101 - count)
        let part = try product(start..<start + count, columns: columns).bits()
        var isEqual = part.count == count * columns
        for row in 0..<count where isEqual {
          let place = (start + row) * Self.columns
          isEqual = part[row * columns..<(row + 1) * columns] == whole[place..<place + columns]
        }
        #expect(isEqual, "\(count) rows from \(start), \(columns) columns, depth \(depth), \(dtype)")
      }
    }
  }
}
