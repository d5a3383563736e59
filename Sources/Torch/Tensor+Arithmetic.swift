import CTorch

extension Tensor {
  /// Element by element, with broadcasting.
  package static func + (a: Tensor, b: Tensor) throws(TorchError) -> Tensor {
    try make("add", [a, b]) { ct_add(a.handle, b.handle, $0, $1) }
  }

  /// Matrix product: `[n, k]` times `[k, m]`.
  package func matmul(_ other: Tensor) throws(TorchError) -> Tensor {
    try Self.make("matmul", [self, other]) { ct_matmul(handle, other.handle, $0, $1) }
  }

  /// self += scale * other, converted to this tensor's type; never recorded for the gradient.
  package func add(_ other: Tensor, scale: Double = 1) throws(TorchError) {
    try Self.perform("add_in_place", [self, other]) { ct_add_in_place(handle, other.handle, scale, $0) }
  }

  /// self = other, converted; never recorded for the gradient.
  package func copy(from other: Tensor) throws(TorchError) {
    try Self.perform("copy_in_place", [self, other]) { ct_copy_in_place(handle, other.handle, $0) }
  }

  /// The sum of squares of a float32 tensor, in double precision.
  package func sumOfSquares() throws(TorchError) -> Double {
    var sum = 0.0
    try Self.perform("sum_of_squares", [self]) { ct_sum_of_squares(handle, &sum, $0) }
    return sum
  }
}
