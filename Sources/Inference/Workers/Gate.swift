import Synchronization

/// Something that happens once and that many may wait for, with a deadline that is everyone's.
final class Gate<Value: Sendable>: Sendable {
  private struct State {
    var result: Result<Value, InferenceError>?
    var waiting: [CheckedContinuation<Result<Value, InferenceError>, Never>] = []
    var deadline: Task<Void, Never>?
  }
  private let state = Mutex(State())

  /// Fails with the error when nothing has happened after so long.
  init(within limit: Duration, _ late: InferenceError) {
    let deadline = Task { [weak self] in
      guard (try? await Task.sleep(for: limit)) != nil else { return }
      self?.open(.failure(late))
    }
    state.withLock { $0.deadline = deadline }
  }

  /// What has happened already.
  init(opened value: Value) { state.withLock { $0.result = .success(value) } }

  var isOpen: Bool { state.withLock { $0.result != nil } }

  var hasFailed: Bool {
    if case .failure = state.withLock(\.result) { true } else { false }
  }

  /// The first result counts.
  func open(_ result: Result<Value, InferenceError>) {
    let (waiting, deadline) = state.withLock { state in
      guard state.result == nil else {
        return ([CheckedContinuation<Result<Value, InferenceError>, Never>](), nil as Task<Void, Never>?)
      }
      state.result = result
      defer { state.waiting = [] }
      return (state.waiting, state.deadline)
    }
    deadline?.cancel()
    for continuation in waiting { continuation.resume(returning: result) }
  }

  func wait() async throws(InferenceError) -> Value {
    let result = await withCheckedContinuation { continuation in
      let known = state.withLock { state in
        if state.result == nil { state.waiting.append(continuation) }
        return state.result
      }
      if let known { continuation.resume(returning: known) }
    }
    return try result.get()
  }
}
