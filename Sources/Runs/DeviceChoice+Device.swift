package import Records
package import Torch

extension DeviceChoice {
  /// The device that is meant, ready for its first tensor. Throws when it is not there.
  package func device() throws -> Device {
    let isThere = Device.isBuiltWithCUDA && Device.cudaCount > 0
    switch self {
    case .cpu: return .cpu
    case .auto where !isThere: return .cpu
    case .cuda where !Device.isBuiltWithCUDA:
      throw WorkerFailure(
        .usage,
        "model.device is cuda, but this operant-worker was built without CUDA. Build it with OPERANT_CUDA=1 "
          + "(Docs/gpu.md), or set model.device: cpu.")
    case .cuda where !isThere:
      throw WorkerFailure(
        .usage,
        "model.device is cuda, but there is no CUDA device, or no driver for one. Look at nvidia-smi, or set "
          + "model.device: cpu.")
    case .auto, .cuda:
      let device = Device.cuda(0)
      try device.begin()
      return device
    }
  }
}
