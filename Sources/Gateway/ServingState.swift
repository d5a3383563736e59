internal import NIOCore
internal import Synchronization

/// What the service is about to do, and which requests it is still answering.
package final class ServingState: Sendable {
  private struct State: Sendable {
    var isDraining = false
    var next = 0
    /// Connections by request; nil for those of tests.
    var underWay: [Int: (any Channel)?] = [:]
  }

  private let state = Mutex(State())

  package init() {}

  /// Whether the service is being stopped: what runs may end, and new work is turned away.
  package var isDraining: Bool { state.withLock { $0.isDraining } }

  package func drain() { state.withLock { $0.isDraining = true } }

  /// Requests that are being answered, streams among them.
  package var underWay: Int { state.withLock { $0.underWay.count } }

  /// A request is under way until its turn ends or nobody holds it any more: an answer whose first line cannot be sent
  /// is dropped without a word.
  final class Turn: Sendable {
    private let state: ServingState
    private let number: Int

    fileprivate init(_ state: ServingState, _ number: Int) {
      self.state = state
      self.number = number
    }

    deinit { end() }

    func end() { state.state.withLock { $0.underWay[number] = nil } }
  }

  func begin(_ channel: (any Channel)?) -> Turn {
    let number = state.withLock { state in
      state.next += 1
      state.underWay[state.next] = .some(channel)
      return state.next
    }
    return Turn(self, number)
  }

  /// Closes the connections of all requests that are being answered.
  package func cut() {
    let channels = state.withLock { $0.underWay.values.compactMap { $0 } }
    for channel in channels { channel.close(promise: nil) }
  }
}
