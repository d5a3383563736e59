internal import Checkpoints
internal import Foundation
internal import Records

/// Starts workers as processes of this machine, each in a session of its own: they go on when this program dies, by
/// whatever signal.
package struct LocalLauncher: WorkerLauncher {
  /// The variable that names a worker's launch.
  static let variable = "OPERANT_LAUNCH"

  private let executable: String
  private let environment: [String: String]

  /// - Parameter environment: what workers get beside `WorkerLocation.environmentChanges`.
  package init(executable: String, environment: [String: String] = ProcessInfo.processInfo.environment) {
    self.executable = executable
    self.environment = environment
  }

  package func start(
    _ assignment: WorkerAssignment, launch: WorkerLaunch
  ) async throws(LaunchFailure) -> WorkerLaunch {
    var launch = launch
    let folder = assignment.folder
    let files = try Self.open(assignment)
    defer { for file in files { close(file) } }
    var variables = environment.merging(WorkerLocation.environmentChanges(environment)) { $1 }
    variables[Self.variable] = launch.id
    let pid = try Spawn.detached(executable, environment: variables, files: files)
    guard let process = ProcessIdentity(pid: pid) else {
      throw LaunchFailure(
        "the worker \(executable) was gone at once; \(WorkerAssignment.logPath(in: folder)) may say why")
    }
    launch.process = process
    return launch
  }

  /// Request, events and log, as the worker's first three files.
  private static func open(_ assignment: WorkerAssignment) throws(LaunchFailure) -> [Int32] {
    let folder = assignment.folder
    let request = WorkerAssignment.requestPath(in: folder)
    do {
      let line = try WorkerLine.encode(assignment.request) + "\n"
      try AtomicFile.write(Array(line.utf8), to: request)
      // A worker that was killed in the middle of a line must not spoil the next one's first.
      try endLastLine(WorkerAssignment.eventsPath(in: folder))
    } catch {
      throw LaunchFailure("the worker's request could not be written: \(error)")
    }
    var opened: [Int32] = []
    let append = O_WRONLY | O_CREAT | O_APPEND
    for (path, flags) in [
      (request, O_RDONLY), (WorkerAssignment.eventsPath(in: folder), append),
      (WorkerAssignment.logPath(in: folder), append),
    ] {
      let file = Foundation.open(path, flags | O_CLOEXEC, 0o644)
      guard file >= 0 else {
        let reason = String(cString: strerror(errno))
        for file in opened { close(file) }
        throw LaunchFailure("\(path) could not be opened for the worker: \(reason)")
      }
      opened.append(file)
    }
    return opened
  }

  private static func endLastLine(_ path: String) throws(StorageError) {
    guard let file = FileHandle(forReadingAtPath: path) else { return }
    defer { try? file.close() }
    guard let end = try? file.seekToEnd(), end > 0, (try? file.seek(toOffset: end - 1)) != nil,
      let last = try? file.read(upToCount: 1), last != Data([0x0A])
    else { return }
    var output = try OutputFile(appendingTo: path)
    try output.write([0x0A])
  }

  package func state(of launch: WorkerLaunch, folder: String) async -> WorkerState {
    guard launch.host == ThisMachine.host else {
      // Folders may be shared between machines; the lock then says more than a process number.
      return (try? RunFolder(opening: folder))?.isLocked == true ? .running : .ended(nil)
    }
    guard launch.boot == ThisMachine.boot else { return .lostWithMachine }
    guard let process = launch.process ?? Self.find(launch.id) else {
      // Somebody whom `holder` could not name is there as long as the lock is held.
      let isHeld = launch.id.isEmpty && (try? RunFolder(opening: folder))?.isLocked == true
      return isHeld ? .running : .ended(nil)
    }
    return process.isAlive ? .running : Self.reap(process)
  }

  package func holder(of folder: String) async -> WorkerLaunch? {
    guard let run = try? RunFolder(opening: folder), run.isLocked else { return nil }
    let lock = run.lockPath
    let text = FileManager.default.contents(atPath: lock).map { String(decoding: $0, as: UTF8.self) } ?? ""
    // "pid 12 on host": the name may be that of an earlier holder for a moment, so the process is asked as well.
    let pid = text.split(separator: " ").dropFirst().first.flatMap { Int32($0) }
    guard let pid, Self.hasOpen(lock, pid: pid), let process = ProcessIdentity(pid: pid) else {
      return WorkerLaunch(id: "", host: ThisMachine.host, boot: ThisMachine.boot)
    }
    return WorkerLaunch(
      id: Self.launchID(pid: pid) ?? "", host: ThisMachine.host, boot: ThisMachine.boot, process: process)
  }

  package func finish(_ launch: WorkerLaunch) async { signal(launch, SIGINT) }
  package func end(_ launch: WorkerLaunch) async { signal(launch, SIGKILL) }

  private func signal(_ launch: WorkerLaunch, _ number: Int32) {
    guard launch.host == ThisMachine.host, launch.boot == ThisMachine.boot,
      let process = launch.process ?? Self.find(launch.id), process.isAlive
    else { return }
    kill(process.pid, number)
  }

  // MARK: Looking at processes

  /// How a process of ours ended; nothing is known of one whose parent was another. Its number is free from then on.
  private static func reap(_ process: ProcessIdentity) -> WorkerState {
    guard ProcessStat(pid: process.pid)?.started == process.started else { return .ended(nil) }
    var status: Int32 = 0
    switch waitpid(process.pid, &status, WNOHANG) {
    case process.pid: break
    // A child of ours that is not quite gone.
    case 0: return .running
    default: return .ended(nil)
    }
    let number = status & 0x7F
    return .ended(number == 0 ? .exited((status >> 8) & 0xFF) : .signaled(number))
  }

  /// The worker of a launch whose process was never written down.
  private static func find(_ id: String) -> ProcessIdentity? {
    guard !id.isEmpty else { return nil }
    let names = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    for pid in names.compactMap({ Int32($0) }) where pid != getpid() {
      // What a worker starts has its environment too, but not a session of its own number.
      guard let stat = ProcessStat(pid: pid), stat.session == pid, !stat.hasEnded, launchID(pid: pid) == id
      else { continue }
      return ProcessIdentity(pid: pid, started: stat.started)
    }
    return nil
  }

  private static func launchID(pid: Int32) -> String? {
    guard let bytes = FileManager.default.contents(atPath: "/proc/\(pid)/environ") else { return nil }
    let prefix = variable + "="
    for entry in bytes.split(separator: 0) {
      let text = String(decoding: entry, as: UTF8.self)
      if text.hasPrefix(prefix) { return String(text.dropFirst(prefix.count)) }
    }
    return nil
  }

  private static func hasOpen(_ path: String, pid: Int32) -> Bool {
    let folder = "/proc/\(pid)/fd"
    let real = URL(filePath: path).resolvingSymlinksInPath().path
    let files = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    return files.contains {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: folder + "/" + $0)) == real
    }
  }
}
