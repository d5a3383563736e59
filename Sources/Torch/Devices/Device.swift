import CTorch

/// Where a tensor's memory lies and its operations run.
package enum Device: Sendable, Hashable, CustomStringConvertible {
  case cpu
  case cuda(Int)

  init(code: Int32) { self = code < 0 ? .cpu : .cuda(Int(code)) }

  /// As the shim writes it.
  var code: Int32 {
    switch self {
    case .cpu: -1
    case .cuda(let index): Int32(index)
    }
  }

  package var description: String {
    switch self {
    case .cpu: "cpu"
    case .cuda(let index): "cuda:\(index)"
    }
  }

  package var isCUDA: Bool { self != .cpu }
}

extension Device {
  /// Whether this build has CUDA at all.
  package static var isBuiltWithCUDA: Bool { ct_has_cuda() }

  /// CUDA devices that are there; 0 in a build without CUDA, and where there is no driver.
  package static var cudaCount: Int { Int(ct_device_count()) }

  /// Makes a device the process's own, before the first tensor on it. Fixes how its products are rounded: sums of
  /// bfloat16 products in float32, no TF32.
  package func begin() throws(TorchError) {
    try Tensor.perform("device_begin", []) { ct_device_begin(code, $0) }
  }

  /// Waits until all that this thread has launched is done.
  package func synchronize() throws(TorchError) {
    try Tensor.perform("device_synchronize", []) { ct_device_synchronize(code, $0) }
  }

  /// What is known of an accelerator.
  package struct Description: Sendable, Hashable {
    package let name: String
    /// Bytes: what may still be allocated, what there is, and the most that tensors have taken so far.
    package let freeBytes: Int
    package let totalBytes: Int
    package let mostAllocatedBytes: Int
  }

  /// Name and memory of an accelerator; throws for the processor.
  package func describe() throws(TorchError) -> Description {
    var found = ct_device_description()
    try Tensor.perform("device_describe", []) { ct_device_describe(code, &found, $0) }
    let name = withUnsafeBytes(of: found.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
    return Description(
      name: name, freeBytes: Int(found.free_bytes), totalBytes: Int(found.total_bytes),
      mostAllocatedBytes: Int(found.most_allocated_bytes))
  }
}

/// Runs `body` with operations on CPU tensors made as on a device, for the calling thread: what runs on a GPU is held
/// against the kernels where there is none.
package func withDeviceOperations<Result>(_ body: () throws -> Result) rethrows -> Result {
  let before = ct_set_device_operations(true)
  defer { _ = ct_set_device_operations(before) }
  return try body()
}
