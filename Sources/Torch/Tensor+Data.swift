import CTorch

extension Tensor {
  /// Uninitialised memory of this shape.
  package static func empty(_ shape: [Int], _ dtype: DType) throws(TorchError) -> Tensor {
    try make("empty", [], wanted: shape) { out, error in
      ct_empty(shape.map(Int64.init), Int32(shape.count), dtype.code, out, error)
    }
  }

  /// Zeros of this shape.
  package static func zeros(_ shape: [Int], _ dtype: DType) throws(TorchError) -> Tensor {
    try make("zeros", [], wanted: shape) { out, error in
      ct_zeros(shape.map(Int64.init), Int32(shape.count), dtype.code, out, error)
    }
  }

  /// A float32 tensor of these values, converted to `dtype`.
  package static func floats(_ values: [Float], _ shape: [Int], _ dtype: DType = .float32) throws(TorchError)
    -> Tensor
  {
    precondition(values.count == shape.reduce(1, *), "\(values.count) values do not fill the shape \(shape)")
    let tensor = try empty(shape, .float32)
    try tensor.withBytes { bytes in values.withUnsafeBytes { bytes.copyMemory(from: $0) } }
    return dtype == .float32 ? tensor : try tensor.to(dtype)
  }

  /// An int64 tensor of these values, `[n]`.
  package static func integers(_ values: some Collection<Int>) throws(TorchError) -> Tensor {
    let tensor = try empty([values.count], .int64)
    try tensor.withBytes { bytes in
      let elements = bytes.bindMemory(to: Int64.self)
      for (index, value) in values.enumerated() { elements[index] = Int64(value) }
    }
    return tensor
  }

  /// Lets `body` read and write the elements of a contiguous tensor as bytes.
  package func withBytes<Result>(_ body: (UnsafeMutableRawBufferPointer) throws(TorchError) -> Result)
    throws(TorchError) -> Result
  {
    var base: UnsafeMutableRawPointer?
    try Self.perform("data", [self]) { ct_data(handle, &base, $0) }
    defer { withExtendedLifetime(self) {} }
    return try body(UnsafeMutableRawBufferPointer(start: base, count: count * dtype.size))
  }

  /// The elements as Float, in row order.
  package func floats() throws(TorchError) -> [Float] {
    let source = try to(.float32).on(.cpu)
    return try source.withBytes { bytes throws(TorchError) in Array(bytes.bindMemory(to: Float.self)) }
  }

  /// Converted and contiguous; shares memory when nothing has to change.
  package func to(_ dtype: DType) throws(TorchError) -> Tensor {
    try Self.make("to", [self]) { ct_to(handle, dtype.code, $0, $1) }
  }
}
