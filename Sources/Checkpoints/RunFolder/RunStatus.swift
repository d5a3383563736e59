package import Foundation

/// How far a run is and who is at it, as `status.json` has it.
package struct RunStatus: Sendable, Hashable, Codable {
  package enum State: String, Sendable, Hashable, Codable, CaseIterable {
    /// The folder is there and no worker has begun.
    case created
    case running, finished, failed
    /// Stopped before its end, by a person or a signal; goes on with the same command.
    case interrupted
  }
  package var state: State
  /// Why it is in this state, as a sentence; empty where the state says it all.
  package var reason: String
  /// Steps done, of how many.
  package var step: Int
  package var steps: Int
  package var created: Date
  /// The worker that wrote this last, and when.
  package var pid: Int32
  package var host: String
  package var heartbeat: Date

  package init(
    state: State, reason: String = "", step: Int, steps: Int, created: Date, pid: Int32 = getpid(),
    host: String? = nil, heartbeat: Date = Date()
  ) {
    self.state = state
    self.reason = reason
    self.step = step
    self.steps = steps
    self.created = created
    self.pid = pid
    self.host = host ?? thisHost
    self.heartbeat = heartbeat
  }
}
