import Foundation
import Synchronization

/// Jobs that wait for a worker, first come first served.
final class SandboxQueue: Sendable {
  /// One call of `SandboxPool.run` under way.
  final class Ticket: Sendable {
    let job: SandboxJob
    private let state = Mutex(State())

    private struct State {
      var continuation: CheckedContinuation<SandboxResult, Never>?
      var isCancelled = false
      var isRunning = false
    }

    init(_ job: SandboxJob) { self.job = job }

    var isCancelled: Bool { state.withLock { $0.isCancelled } }

    /// Gives the ticket its waiting caller; false when the caller does not want the job any more.
    func wait(_ continuation: CheckedContinuation<SandboxResult, Never>) -> Bool {
      state.withLock { state in
        if state.isCancelled { return false }
        state.continuation = continuation
        return true
      }
    }

    /// Answers the caller, once.
    func finish(_ result: SandboxResult) {
      state.withLock { $0.continuation.take() }?.resume(returning: result)
    }

    /// Takes the job up; false when nobody waits for it any more.
    func begin() -> Bool {
      state.withLock { state in
        state.isRunning = true
        return !state.isCancelled
      }
    }

    /// Answers a caller whose job still waits; a job that runs is ended by its worker, which asks `isCancelled`.
    func cancel() {
      let waiting = state.withLock { state -> CheckedContinuation<SandboxResult, Never>? in
        state.isCancelled = true
        return state.isRunning ? nil : state.continuation.take()
      }
      waiting?.resume(returning: .cancelled)
    }
  }

  private let condition = NSCondition()
  private let waiting = Mutex(Waiting())
  /// More than this many waiting jobs are refused: their data would only fill the memory.
  private let capacity: Int

  private struct Waiting {
    var tickets: [Ticket] = []
    /// Index of the first that waits; what is before it has been taken.
    var first = 0
    var isClosed = false

    var count: Int { tickets.count - first }
  }

  init(capacity: Int) { self.capacity = capacity }

  /// Adds a job; false when the queue is full or closed.
  func add(_ ticket: Ticket) -> Bool {
    condition.lock()
    defer { condition.unlock() }
    let isAdded = waiting.withLock { waiting in
      guard !waiting.isClosed, waiting.count < capacity else { return false }
      waiting.tickets.append(ticket)
      return true
    }
    if isAdded { condition.signal() }
    return isAdded
  }

  /// The next job, waiting for one; nil when the queue is closed.
  func next() -> Ticket? {
    condition.lock()
    defer { condition.unlock() }
    while true {
      let (ticket, isClosed) = waiting.withLock { waiting -> (Ticket?, Bool) in
        guard waiting.count > 0 else { return (nil, waiting.isClosed) }
        let ticket = waiting.tickets[waiting.first]
        waiting.first += 1
        if waiting.first > 256, waiting.first * 2 > waiting.tickets.count {
          waiting.tickets.removeFirst(waiting.first)
          waiting.first = 0
        }
        return (ticket, false)
      }
      if let ticket { return ticket }
      if isClosed { return nil }
      condition.wait()
    }
  }

  /// Lets the workers go when they have done what waits.
  func close() {
    condition.lock()
    waiting.withLock { $0.isClosed = true }
    condition.broadcast()
    condition.unlock()
  }
}
