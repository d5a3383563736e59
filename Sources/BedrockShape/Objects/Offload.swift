internal import Dispatch

/// Work that blocks, off the threads that everybody shares.
enum Offload {
  static func run<Value: Sendable>(_ work: @Sendable @escaping () -> Value) async -> Value {
    await withCheckedContinuation { done in
      DispatchQueue.global(qos: .utility).async { done.resume(returning: work()) }
    }
  }
}
