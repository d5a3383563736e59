internal import Foundation
internal import LanguageModels
internal import Records
internal import Torch

/// A batch on a thread of its own, and what others tell it.
final class ServingShard: Sendable {
  enum Message: Sendable {
    case add(BatchShare)
    case cancel(id: UInt64, attempt: Int?)
  }
  private let condition = NSCondition()
  private nonisolated(unsafe) var messages: [Message] = []
  private nonisolated(unsafe) var isStopped = false
  private nonisolated(unsafe) var hasEnded = false

  /// Tells it something; it is taken up before the next step.
  func post(_ message: Message) {
    condition.withLock {
      messages.append(message)
      condition.broadcast()
    }
  }

  /// Begins to work. `report` is called on its thread after every step, and after what was ended without one.
  func start(
    _ make: @escaping @Sendable () -> ContinuousBatch, report: @escaping @Sendable (StepReport) -> Void
  ) {
    let thread = Thread { [self] in
      useOneThreadPerOperation()
      var batch = make()
      while let messages = next(waiting: batch.isIdle) {
        var cancelled = StepReport()
        for message in messages {
          switch message {
          case .add(let share): batch.add(share)
          case .cancel(let id, let attempt): cancelled.ended += batch.cancel(id, attempt: attempt)
          }
        }
        if !cancelled.ended.isEmpty { report(cancelled) }
        if !batch.isIdle { report(batch.step()) }
      }
      condition.withLock {
        hasEnded = true
        condition.broadcast()
      }
    }
    thread.name = "operant.shard"
    thread.stackSize = 8 << 20
    thread.start()
  }

  /// Ends its thread after the step that it is in, and waits for that.
  func stop() {
    condition.withLock {
      isStopped = true
      condition.broadcast()
      while !hasEnded { condition.wait() }
    }
  }

  /// What was told meanwhile; nil at the end.
  private func next(waiting: Bool) -> [Message]? {
    condition.withLock {
      while waiting, messages.isEmpty, !isStopped { condition.wait() }
      if isStopped { return nil }
      defer { messages = [] }
      return messages
    }
  }
}
