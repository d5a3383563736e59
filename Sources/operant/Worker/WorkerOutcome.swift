import Cluster
import Foundation
import Records
import Subprocess
import Synchronization

/// What is learnt of a worker while it runs, and what that comes to when it has ended.
final class WorkerOutcome: Sendable {
  private struct State {
    var failure: WorkerFailure?
    /// A line of its standard output that is no event.
    var stray: String?
    var interrupts = 0
    /// The last lines of its standard error.
    var tail: [String] = []
  }

  private let state = Mutex(State())

  /// The event of a line, remembering a failure; nil for a line that is none.
  func event(_ line: ArraySlice<UInt8>) -> WorkerEvent? {
    do {
      let event = try WorkerLine.decode(WorkerEvent.self, from: line)
      if case .failed(let failure) = event { state.withLock { $0.failure = failure } }
      return event
    } catch {
      // A library may print to standard output; that is not worth the run.
      let text = String(decoding: line.prefix(200), as: UTF8.self)
      state.withLock { $0.stray = $0.stray ?? text }
      return nil
    }
  }

  func add(_ errorLine: ArraySlice<UInt8>) {
    let text = String(decoding: errorLine.prefix(2000), as: UTF8.self)
    state.withLock { state in
      state.tail.append(text)
      if state.tail.count > 20 { state.tail.removeFirst() }
    }
  }

  /// - Returns: how many interrupts there were, this one included.
  func countInterrupt() -> Int {
    state.withLock { state in
      state.interrupts += 1
      return state.interrupts
    }
  }

  /// Why the command failed, or nil when the worker did what it was asked.
  func verdict(_ status: TerminationStatus, killedNote: String?) -> CommandFailure? {
    let state = state.withLock { $0 }
    if state.interrupts > 1, status == .signaled(SIGKILL) {
      let sentence = ["ended at once", killedNote].compactMap(\.self).joined(separator: "; ")
      return CommandFailure(sentence, exitCode: 130)
    }
    if let failure = state.failure { return CommandFailure(failure) }
    switch status {
    case .exited(0): return nil
    case .exited(let code):
      return CommandFailure(
        "the worker ended with code \(code) and did not say why" + Self.evidence(state.stray, state.tail))
    case .signaled(let number):
      let name = SignalName.of(number)
      let hint = number == SIGKILL ? "; the system may have run out of memory" : ""
      return CommandFailure("the worker died of \(name)\(hint)" + Self.evidence(state.stray, state.tail))
    }
  }

  private static func evidence(_ stray: String?, _ tail: [String]) -> String {
    let lines = (stray.map { [$0] } ?? []) + tail
    return lines.isEmpty ? "" : "; its last lines:\n" + lines.map { "  " + $0 }.joined(separator: "\n")
  }
}
