internal import Synchronization

/// What the service is about to do, and how many streams it is still writing.
package final class ServingState: Sendable {
  /// A number that many change.
  package final class Count: Sendable {
    private let number = Mutex(0)
    package var value: Int { number.withLock { $0 } }
    func add(_ amount: Int) { number.withLock { $0 += amount } }
    func began() { add(1) }
    func ended() { add(-1) }
  }

  /// Answers that are being streamed.
  package let streams = Count()
  private let draining = Mutex(false)

  package init() {}

  /// Whether the service is being stopped: what runs may end, and nobody should send more.
  package var isDraining: Bool { draining.withLock { $0 } }

  package func drain() { draining.withLock { $0 = true } }
}
