/// Lets requests of one name through one after the other, in the order in which they came.
actor RequestTurns {
  /// Who waits behind the request under way; nil for a name that has none.
  private var waiting: [String: [CheckedContinuation<Void, Never>]] = [:]

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
      await end(name)
      throw error
    }
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
