import Foundation
import Synchronization

/// Counts the objects that Swift allocates (class instances, array buffers, closure contexts, boxes) by the hook that
/// its runtime keeps for Instruments. For a process of its own: other threads are counted too.
struct ObjectCount {
  /// A runtime without the hook.
  struct Missing: Error {}

  private typealias Allocate = @convention(c) (UnsafeRawPointer?, Int, Int) -> UnsafeMutableRawPointer?

  private static let count = Atomic<Int>(0)
  nonisolated(unsafe) private static var original: Allocate?

  private let function: UnsafeMutablePointer<Allocate>
  /// Whether the runtime calls the function above at all.
  private let flag: UnsafeMutableRawPointer

  init() throws(Missing) {
    guard let program = dlopen(nil, RTLD_NOW), let function = dlsym(program, "_swift_allocObject"),
      let flag = dlsym(
        program, "_swift_enableSwizzlingOfAllocationAndRefCountingFunctions_forInstrumentsOnly")
    else { throw Missing() }
    self.function = function.assumingMemoryBound(to: Allocate.self)
    self.flag = flag
    Self.original = self.function.pointee
    // What the hook needs must be there before it is called.
    Self.count.store(0, ordering: .relaxed)
  }

  /// Objects allocated by `body`.
  func during(_ body: () throws -> Void) rethrows -> Int {
    Self.count.store(0, ordering: .relaxed)
    function.pointee = { metadata, size, alignment in
      ObjectCount.count.wrappingAdd(1, ordering: .relaxed)
      return ObjectCount.original?(metadata, size, alignment)
    }
    flag.storeBytes(of: 1, as: UInt8.self)
    defer {
      flag.storeBytes(of: 0, as: UInt8.self)
      if let original = Self.original { function.pointee = original }
    }
    try body()
    return Self.count.load(ordering: .relaxed)
  }
}
