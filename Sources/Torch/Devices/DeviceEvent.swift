import CTorch

/// A point in what a thread has launched on a device. On the processor everything has happened when it is launched.
package final class DeviceEvent {
  private let handle: OpaquePointer

  /// The point behind all that the calling thread has launched so far.
  package init(on device: Device) throws(TorchError) {
    var out: OpaquePointer?
    try Tensor.perform("event_record", []) { ct_event_record(device.code, &out, $0) }
    guard let out else { preconditionFailure("event_record succeeded without its event") }
    handle = out
  }

  deinit { ct_event_free(handle) }

  /// Waits until the device has come this far.
  package func wait() throws(TorchError) {
    try Tensor.perform("event_wait", []) { ct_event_wait(handle, $0) }
    withExtendedLifetime(self) {}
  }
}

/// Launches that were recorded once and are repeated as one.
package final class DeviceGraph {
  private let handle: OpaquePointer

  /// Records what `body` launches, without running it. It must be the same launches on the same memory every time, and
  /// must not wait for the device.
  package init(on device: Device, recording body: () throws(TorchError) -> Void) throws(TorchError) {
    var out: OpaquePointer?
    try Tensor.perform("graph_begin", []) { ct_graph_begin(device.code, &out, $0) }
    guard let out else { preconditionFailure("graph_begin succeeded without its graph") }
    handle = out
    try body()
    try Tensor.perform("graph_end", []) { ct_graph_end(handle, $0) }
  }

  deinit { ct_graph_free(handle) }

  /// Launches all of it.
  package func replay() throws(TorchError) {
    try Tensor.perform("graph_replay", []) { ct_graph_replay(handle, $0) }
    withExtendedLifetime(self) {}
  }
}
