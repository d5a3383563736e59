internal import Dispatch

/// Runs work that takes long on a thread of its own, so that the few threads of the pool stay free.
func offPool<Value: Sendable>(_ body: @escaping @Sendable () -> Value) async -> Value {
  await withCheckedContinuation { continuation in
    DispatchQueue.global().async { continuation.resume(returning: body()) }
  }
}
