internal import Records
internal import Synchronization

extension ServingWorker {
  /// An adapter that the worker has, or is about to have.
  struct Adapter {
    let loaded: Gate<Void>
    var bytes = 0
    /// Requests that use it or wait for it.
    var users = 1
    var lastUsed = ContinuousClock.now
  }

  /// Has the worker load an adapter unless it has it, and keeps it there until `adapterReleased`.
  func prepare(_ policy: PolicyName, _ source: AdapterSource) async throws(InferenceError) {
    let gate = try reserve(policy, source)
    do throws(InferenceError) { try await gate.wait() } catch {
      forget(policy, gate)
      throw error
    }
  }

  /// Commands are sent under the lock, so that the worker hears them in the order that the state went through.
  private func reserve(_ policy: PolicyName, _ source: AdapterSource) throws(InferenceError) -> Gate<Void> {
    let result = state.withLock { state -> Result<Gate<Void>, InferenceError> in
      if let gate = state.adapters[policy]?.loaded {
        state.adapters[policy]?.users += 1
        return .success(gate)
      }
      while state.adapters.count >= settings.mostAdapters
        || state.adapters.values.reduce(0, { $0 + $1.bytes }) > settings.adapterBytes
      {
        let idle = state.adapters.filter { $0.value.users == 0 }.min { $0.value.lastUsed < $1.value.lastUsed }
        guard let idle else {
          return .failure(
            InferenceError(
              .overloaded(retryAfter: 5),
              "all \(state.adapters.count) tuned models that '\(base)' has room for are in use; try again"))
        }
        state.adapters[idle.key] = nil
        connection.send(.unload(idle.key))
      }
      let gate = newGate(for: policy)
      state.adapters[policy] = Adapter(loaded: gate)
      connection.send(.load(policy, source))
      return .success(gate)
    }
    return try result.get()
  }

  private func newGate(for policy: PolicyName) -> Gate<Void> {
    Gate(
      within: settings.adapterLimit,
      InferenceError(
        .failed,
        "the adapter \(policy.rawValue) was not loaded within \(settings.adapterLimit.inSeconds) s; it is kept "
          + "when it comes, so try again", retryAfter: 5))
  }

  /// A request no longer needs it.
  func adapterReleased(_ policy: PolicyName) {
    state.withLock { state in
      state.adapters[policy]?.users -= 1
      state.adapters[policy]?.lastUsed = .now
    }
  }

  func adapterLoaded(_ policy: PolicyName, bytes: Int) {
    let gate = state.withLock { state -> Gate<Void>? in
      if state.adapters[policy] == nil, state.adapters.count < settings.mostAdapters {
        // Nobody waits for it any more, but whoever comes again finds it.
        state.adapters[policy] = Adapter(loaded: Gate(opened: ()), users: 0)
      }
      state.adapters[policy]?.bytes = bytes
      if state.adapters[policy] == nil { connection.send(.unload(policy)) }
      return state.adapters[policy]?.loaded
    }
    gate?.open(.success(()))
  }

  /// Whoever waits next has it loaded anew.
  private func forget(_ policy: PolicyName, _ gate: Gate<Void>) {
    state.withLock { state in
      if state.adapters[policy]?.loaded === gate { state.adapters[policy] = nil }
    }
  }

  func adapterRefused(_ policy: PolicyName, _ error: InferenceError) {
    let adapter = state.withLock { $0.adapters.removeValue(forKey: policy) }
    adapter?.loaded.open(.failure(error))
  }
}
