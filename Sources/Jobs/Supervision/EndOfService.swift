internal import Synchronization

/// Whether the service is about to end. Not the task's cancellation: the store refuses cancelled tasks, and what a
/// supervisor has begun to write down it has to write to the end.
final class EndOfService: Sendable {
  private let flag = Mutex(false)

  var hasCome: Bool { flag.withLock { $0 } }
  func announce() { flag.withLock { $0 = true } }
}
