package import Torch

/// A way to the operations of a device.
package enum DeviceRoute: Sendable, Hashable, CustomStringConvertible {
  /// The processor's own kernels, which everything else is held against.
  case kernels
  /// The operations of a device, on the processor.
  case stand
  case cuda(Int)

  package var device: Device {
    switch self {
    case .kernels, .stand: .cpu
    case .cuda(let index): .cuda(index)
    }
  }

  package var description: String {
    switch self {
    case .kernels: "the processor's kernels"
    case .stand: "device operations on the processor"
    case .cuda: "\(device)"
    }
  }

  /// Runs `body` with tensors of `device` taking this route.
  package func run<Result>(_ body: () throws -> Result) throws -> Result {
    useOneThreadPerOperation()
    switch self {
    case .kernels: return try body()
    case .stand: return try withDeviceOperations(body)
    case .cuda:
      try device.begin()
      return try body()
    }
  }

  /// The first CUDA device, or why there is none.
  package static func accelerator() -> (route: DeviceRoute?, reason: String) {
    guard Device.isBuiltWithCUDA else { return (nil, "this build has no CUDA") }
    guard Device.cudaCount > 0 else {
      return (nil, "this build has CUDA, but there is no CUDA device or no driver for one")
    }
    return (.cuda(0), "")
  }
}

extension DeviceRoute {
  /// The accelerator's name and memory; nil on the processor.
  package func accelerator() throws -> Device.Description? {
    try device.isCUDA ? device.describe() : nil
  }
}
