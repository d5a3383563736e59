package import Records

/// Starts workers where they are to run, and knows what has become of them: this machine today, a cluster's queue later.
///
/// Workers outlive whoever started them. Everything that is needed to find one again is in its `WorkerLaunch`, which is
/// written down before the worker exists: a launcher that is asked for the same launch twice finds the first one's
/// worker.
package protocol WorkerLauncher: Sendable {
  /// Starts a worker, and returns once it exists.
  func start(_ assignment: WorkerAssignment, launch: WorkerLaunch) async throws(LaunchFailure) -> WorkerLaunch
  /// What has become of a launch.
  func state(of launch: WorkerLaunch, folder: String) async -> WorkerState
  /// The launch, with the process that another launch has left at work in this run folder; nil where nobody works there.
  func holder(of folder: String) async -> WorkerLaunch?
  /// Asks the worker to finish its step, write a checkpoint and end.
  func finish(_ launch: WorkerLaunch) async
  /// Ends the worker at once, as a power cut would.
  func end(_ launch: WorkerLaunch) async
}

/// What a worker is to do, and where it writes.
package struct WorkerAssignment: Sendable, Hashable {
  package var request: WorkerRequest
  /// The run folder: `request.json`, `events.jsonl` and `worker.log` are written there.
  package var folder: String

  package init(_ request: WorkerRequest, folder: String) {
    self.request = request
    self.folder = folder
  }

  package static func requestPath(in folder: String) -> String { folder + "/request.json" }
  /// Its events, those of earlier workers on the same run before them.
  package static func eventsPath(in folder: String) -> String { folder + "/events.jsonl" }
  /// What it and its libraries print beside events.
  package static func logPath(in folder: String) -> String { folder + "/worker.log" }
}

/// One start of a worker: enough to find its process again, and to take no other for it.
package struct WorkerLaunch: Sendable, Hashable, Codable {
  /// Made before the start; the worker carries it in its environment as `OPERANT_LAUNCH`.
  package var id: String
  package var host: String
  /// Which start of the machine this was: processes do not outlive one.
  package var boot: String
  /// nil until the process exists.
  package var process: ProcessIdentity?
  /// How many steps its run had done before; nil where whoever knows the launch did not start it.
  package var step: Int?

  package init(id: String, host: String, boot: String, process: ProcessIdentity? = nil) {
    self.id = id
    self.host = host
    self.boot = boot
    self.process = process
  }
}

/// What has become of a worker.
package enum WorkerState: Sendable, Hashable {
  case running
  /// nil where nobody was there to see how it ended.
  case ended(WorkerExit?)
  /// It was at work when its machine went down.
  case lostWithMachine
}

/// How a process ended.
package enum WorkerExit: Sendable, Hashable, CustomStringConvertible {
  case exited(Int32)
  case signaled(Int32)

  package var description: String {
    switch self {
    case .exited(let code): "ended with code \(code)"
    case .signaled(let number): "died of \(SignalName.of(number))"
    }
  }
}

/// Why a worker could not be started.
package struct LaunchFailure: Error, Sendable, Hashable, CustomStringConvertible {
  package var message: String
  package var description: String { message }

  package init(_ message: String) { self.message = message }
}
