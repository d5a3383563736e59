import Synchronization

/// Keeps the calls to one address within its limits, for all graders that name the address with the same limits.
///
/// A caller takes one of `concurrency` places for as long as it waits for its answer, first come, first served, and a
/// turn for every single request, `1 / requestsPerSecond` after the one before. A server that asks to be left alone
/// delays everybody's turn.
final class EndpointTraffic: Sendable {
  struct Limits: Sendable, Hashable {
    /// Nil for no limit.
    var requestsPerSecond: Double?
    /// Calls under way at a time.
    var concurrency: Int
  }
  private struct State {
    var free: Int
    /// By the caller's number.
    var waiting: [UInt64: CheckedContinuation<Bool, Never>] = [:]
    /// The numbers in the order of arrival, from `head` on; those of callers who gave up are skipped.
    var queue: [UInt64] = []
    var head = 0
    var nextNumber: UInt64 = 0
    var nextTurn: ContinuousClock.Instant
  }
  let limits: Limits
  private let state: Mutex<State>

  init(_ limits: Limits) {
    precondition(limits.concurrency > 0, "an endpoint needs room for at least one call")
    self.limits = limits
    state = Mutex(State(free: limits.concurrency, nextTurn: .now))
  }

  /// Takes a place, after waiting for one. False when the task was cancelled; there is nothing to leave then.
  func enter() async -> Bool {
    let number: UInt64? = state.withLock { state in
      if state.free > 0 {
        state.free -= 1
        return nil
      }
      state.nextNumber += 1
      return state.nextNumber
    }
    guard let number else { return true }
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isDecided: Bool? = state.withLock { state in
          if Task.isCancelled { return false }
          // A place may have been left between the two locks.
          if state.free > 0 {
            state.free -= 1
            return true
          }
          state.waiting[number] = continuation
          state.queue.append(number)
          return nil
        }
        if let isDecided { continuation.resume(returning: isDecided) }
      }
    } onCancel: {
      let waiting = state.withLock { $0.waiting.removeValue(forKey: number) }
      waiting?.resume(returning: false)
    }
  }

  /// Gives the place to whoever has waited longest.
  func leave() {
    let next: CheckedContinuation<Bool, Never>? = state.withLock { state in
      while state.head < state.queue.count {
        let number = state.queue[state.head]
        state.head += 1
        if let next = state.waiting.removeValue(forKey: number) { return next }
      }
      state.queue.removeAll(keepingCapacity: true)
      state.head = 0
      state.free += 1
      return nil
    }
    next?.resume(returning: true)
  }

  /// Books the next turn, unless it comes after `latest`: when the request may be sent.
  func turn(before latest: ContinuousClock.Instant?) -> ContinuousClock.Instant? {
    state.withLock { state in
      let turn = max(state.nextTurn, .now)
      if let latest, turn > latest { return nil }
      state.nextTurn = limits.requestsPerSecond.map { turn + .seconds(1 / $0) } ?? state.nextTurn
      return turn
    }
  }

  /// Nobody's turn comes before this.
  func hold(until instant: ContinuousClock.Instant) {
    state.withLock { $0.nextTurn = max($0.nextTurn, instant) }
  }
}

extension EndpointTraffic {
  private struct Key: Hashable {
    let address: String
    let limits: Limits
  }
  private struct Weak {
    weak var traffic: EndpointTraffic?
  }
  private static let known = Mutex<[Key: Weak]>([:])

  /// The traffic to an address under these limits, shared by everyone who names both while any of them lives.
  static func shared(address: String, _ limits: Limits) -> EndpointTraffic {
    known.withLock { known in
      let key = Key(address: address, limits: limits)
      if let traffic = known[key]?.traffic { return traffic }
      known = known.filter { $0.value.traffic != nil }
      let traffic = EndpointTraffic(limits)
      known[key] = Weak(traffic: traffic)
      return traffic
    }
  }
}
