import DeviceChecks
import Testing

/// What runs on a device, against the processor's kernels: on the processor everywhere, on a GPU where there is one.
struct DeviceParityTests {
  @Test(arguments: ParityCheck.all)
  func `operations of a device equal the kernels, on the processor`(_ check: ParityCheck) throws {
    let deviation = try check.deviation(over: .stand)
    #expect(deviation <= check.tolerance, "\(check)")
  }

  @Test(
    .enabled(if: DeviceRoute.accelerator().route != nil, "\(DeviceRoute.accelerator().reason)"),
    arguments: ParityCheck.all)
  func `a GPU equals the kernels`(_ check: ParityCheck) throws {
    let route = try #require(DeviceRoute.accelerator().route)
    let deviation = try check.deviation(over: route)
    #expect(deviation <= check.tolerance, "\(check)")
  }

  @Test func `a run with a device's operations that was saved and loaded goes on bit for bit`() throws {
    #expect(try resumesExactly(over: .stand))
  }

  @Test(.enabled(if: DeviceRoute.accelerator().route != nil, "\(DeviceRoute.accelerator().reason)"))
  func `a run on a GPU that was saved and loaded goes on bit for bit`() throws {
    #expect(try resumesExactly(over: #require(DeviceRoute.accelerator().route)))
  }
}
