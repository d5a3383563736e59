/// Lets requests of one name through one after the other, in the order in which they came.
actor RequestTurns {
  /// Who waits behind the request under way; nil for a name that has none.
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]
  /// When the last request of a name was answered with a failure.
  private var refusals: [String: ContinuousClock.Instant] = [:]

  /// Longer than a client waits before it asks again.
  private static let memory = Duration.seconds(900)

  /// Throws what `body` throws.
  nonisolated func inTurn<Value: Sendable>(
    _ name: String, _ body: @Sendable () async throws -> Value
  ) async throws -> Value {
    await begin(name)
    do {
      let value = try await body()
      await end(name)
      return value
    } catch {
      await refuse(name)
      await end(name)
      throw error
    }
  }

  /// Whether the last request of this name was answered with a failure: another try then repeats nothing.
  func takeRefusal(_ name: String) -> Bool { refusals.removeValue(forKey: name) != nil }

  private func refuse(_ name: String) {
    let now = ContinuousClock.now
    refusals = refusals.filter { now - $0.value < Self.memory }
    refusals[name] = now
  }

  private func begin(_ name: String) async {
    guard waiting[name] != nil else {
      waiting[name] = []
      return
    }
    await withCheckedContinuation { waiting[name]?.append($0) }
  }

  private func end(_ name: String) {
    guard let rest = waiting[name], let next = rest.first else {
      waiting[name] = nil
      return
    }
    waiting[name] = Array(rest.dropFirst())
    next.resume()
  }
}
