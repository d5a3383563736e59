import CTorch

extension Tensor {
  package var device: Device { withExtendedLifetime(self) { Device(code: ct_device_of(handle)) } }

  /// Whether operations on this tensor are made of ATen's, as on a device: its weights need no panels.
  package var takesDeviceOperations: Bool {
    withExtendedLifetime(self) { ct_takes_device_operations(handle) }
  }

  /// Uninitialised memory of this shape on a device.
  package static func empty(_ shape: [Int], _ dtype: DType, on device: Device) throws(TorchError) -> Tensor {
    try make(on: device, shape, dtype, zero: false)
  }

  /// Zeros of this shape on a device.
  package static func zeros(_ shape: [Int], _ dtype: DType, on device: Device) throws(TorchError) -> Tensor {
    try make(on: device, shape, dtype, zero: true)
  }

  private static func make(on device: Device, _ shape: [Int], _ dtype: DType, zero: Bool) throws(TorchError)
    -> Tensor
  {
    try make("empty", [], wanted: shape) { out, error in
      ct_empty_on(shape.map(Int64.init), Int32(shape.count), dtype.code, device.code, zero, out, error)
    }
  }

  /// Uninitialised memory of the processor through which elements go to a device and come back; pinned for CUDA, so
  /// that `copyWithoutWaiting` need not wait.
  package static func staged(_ shape: [Int], _ dtype: DType, for device: Device) throws(TorchError) -> Tensor
  {
    try make("empty_staged", [], wanted: shape) { out, error in
      ct_empty_staged(shape.map(Int64.init), Int32(shape.count), dtype.code, device.code, out, error)
    }
  }

  /// On a device; shared when it is there already. Nobody waits for a copy to a CUDA device; a copy to the processor is
  /// done when this returns.
  package func on(_ device: Device) throws(TorchError) -> Tensor {
    try Self.make("to_device", [self]) { ct_to_device(handle, device.code, $0, $1) }
  }

  /// An int64 tensor of these values on a device, `[n]`.
  package static func integers(_ values: some Collection<Int>, on device: Device) throws(TorchError) -> Tensor
  {
    let staged = try staged([values.count], .int64, for: device)
    try staged.withBytes { bytes in
      let elements = bytes.bindMemory(to: Int64.self)
      for (index, value) in values.enumerated() { elements[index] = Int64(value) }
    }
    return try staged.on(device)
  }

  /// A float32 tensor of these values on a device, `[n]`.
  package static func floats(_ values: [Float], on device: Device) throws(TorchError) -> Tensor {
    let staged = try staged([values.count], .float32, for: device)
    try staged.withBytes { bytes in values.withUnsafeBytes { bytes.copyMemory(from: $0) } }
    return try staged.on(device)
  }

  /// self = other, where one of them is staged memory that nobody touches until an event behind this has happened.
  package func copyWithoutWaiting(from other: Tensor) throws(TorchError) {
    try Self.perform("copy_without_waiting", [self, other]) {
      ct_copy_without_waiting(handle, other.handle, $0)
    }
  }

  /// Rows `index` (int64 `[m]`) become those of `source` `[m, ...]`; never recorded for the gradient.
  package func put(_ source: Tensor, at index: Tensor) throws(TorchError) {
    try Self.perform("put_rows", [self, index, source]) {
      ct_put_rows(handle, index.handle, source.handle, $0)
    }
  }

  /// Fills the tensor with normally distributed numbers of mean 0.
  package func fillNormal(deviation: Double) throws(TorchError) {
    try Self.perform("fill_normal", [self]) { ct_fill_normal(handle, deviation, $0) }
  }

  /// Fills the tensor with zeros.
  package func fillZero() throws(TorchError) {
    try Self.perform("fill_zero", [self]) { ct_fill_zero(handle, $0) }
  }

  /// The sum of squares over all elements of some float32 tensors, in double precision; one wait for all of them.
  package static func sumOfSquares(_ tensors: [Tensor]) throws(TorchError) -> Double {
    var sum = 0.0
    try withHandles(tensors) { handles throws(TorchError) in
      try perform("sums_of_squares", tensors) {
        ct_sums_of_squares(handles, Int32(tensors.count), &sum, $0)
      }
    }
    return sum
  }

  /// Lends the handles of some tensors as an array of the shim's.
  static func withHandles(
    _ tensors: [Tensor], _ body: (UnsafePointer<OpaquePointer>) throws(TorchError) -> Void
  ) throws(TorchError) {
    let handles = tensors.map(\.handle)
    defer { withExtendedLifetime(tensors) {} }
    let result: Result<Void, TorchError> = handles.withUnsafeBufferPointer { buffer in
      Result { () throws(TorchError) in
        guard let base = buffer.baseAddress else { return }
        try body(base)
      }
    }
    try result.get()
  }
}

extension AdamW {
  /// One step for many weights at once, as `step(weight:...)` for each: a few launches on a device. Scales the gradients
  /// in place.
  package func step(
    weights: [Tensor], gradients: [Tensor], moments1: [Tensor], moments2: [Tensor], computes: [Tensor],
    gradientScale: Double, step: Int
  ) throws(TorchError) {
    let count = weights.count
    precondition(
      gradients.count == count && moments1.count == count && moments2.count == count
        && computes.count == count, "every weight needs a gradient, two moments and a compute copy")
    let options = ct_adamw(
      learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
      gradient_scale: gradientScale, step: Int64(step))
    try Tensor.withHandles(weights + gradients + moments1 + moments2 + computes) { all throws(TorchError) in
      try Tensor.perform("adamw_steps", weights) {
        ct_adamw_steps(
          all, all + count, all + 2 * count, all + 3 * count, all + 4 * count, Int32(count), options, $0)
      }
    }
  }
}
