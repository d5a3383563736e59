import Foundation
import OperantTesting
import Synchronization

/// `operant serve` over a project's tiny model, in a process of its own; it ends with the object.
final class RunningService: Sendable {
  let url: String
  let key: String
  let pid: pid_t
  private let process: Mutex<Process>
  private let output: Pipe

  /// Starts it, and returns once it says where it listens and has printed its first key, unless a key is known.
  ///
  /// - Parameter data: its data folder in the project's.
  static func start(
    _ project: Project, settings: String = "", data: String = "data", key: String? = nil
  ) async throws -> RunningService {
    try await offPool { try RunningService(project, settings: settings, data: data, key: key) }
  }

  private init(_ project: Project, settings: String, data: String, key: String?) throws {
    try project.write(
      """
      models:
        tiny: {source: \(project.folder)/model, dtype: float32, aliases: [gpt-tiny]}
      \(settings)

      """, to: "service.yaml")
    let process = Process()
    process.executableURL = URL(filePath: Operant.path)
    process.arguments = [
      "serve", "--config", "service.yaml", "--data", project.folder + "/" + data, "--port", "0",
    ]
    process.currentDirectoryURL = URL(filePath: project.folder)
    var environment = ProcessInfo.processInfo.environment
    environment["OPERANT_WORKER"] = nil
    process.environment = environment
    let log = project.folder + "/service.log"
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process.standardError = FileHandle(forWritingAtPath: log)
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    var text = ""
    var found: (url: String?, key: String?) = (nil, key)
    while found.url == nil || found.key == nil {
      let piece = output.fileHandleForReading.availableData
      guard !piece.isEmpty else {
        process.waitUntilExit()
        let log = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
        throw Unexpected("the service ended with \(process.terminationStatus): \(text)\n\(log.suffix(3000))")
      }
      text += String(decoding: piece, as: UTF8.self)
      found.url = text.firstMatch(of: #/http://127\.0\.0\.1:\d+/#).map { String($0.output) }
      found.key = key ?? text.firstMatch(of: #/sk-[A-Za-z0-9-]{20,}/#).map { String($0.output) }
    }
    guard let url = found.url, let key = found.key else { throw Unexpected("the service said: \(text)") }
    self.url = url
    self.key = key
    pid = process.processIdentifier
    self.output = output
    self.process = Mutex(process)
  }

  deinit {
    // Its training workers are told to end through it; a killed service would leave them.
    kill(pid, SIGTERM)
    process.withLock { $0.waitUntilExit() }
  }

  /// Runs `Scripts/clients/<script>` against it and returns what it printed, a JSON object.
  func client(_ script: String, _ arguments: [String], folder: String) async throws -> String {
    let log = folder + "/\(script).out"
    return try await offPool {
      let process = Process()
      process.executableURL = PythonScript.root.appending(path: ".venv/bin/python")
      process.arguments = [PythonScript.root.appending(path: "Scripts/clients/\(script)").path] + arguments
      _ = FileManager.default.createFile(atPath: log, contents: nil)
      let sink = FileHandle(forWritingAtPath: log)
      process.standardOutput = sink
      process.standardError = sink
      try process.run()
      process.waitUntilExit()
      let text = (try? String(contentsOfFile: log, encoding: .utf8)) ?? ""
      guard process.terminationStatus == 0 else {
        throw Unexpected("\(script) ended with \(process.terminationStatus):\n\(text.suffix(4000))")
      }
      return text.split(separator: "\n").last.map(String.init) ?? ""
    }
  }
}

/// Runs what blocks on a thread that other tests do not need.
func offPool<Value: Sendable>(_ body: @Sendable @escaping () throws -> Value) async throws -> Value {
  try await withCheckedThrowingContinuation { continuation in
    Thread.detachNewThread { continuation.resume(with: Result { try body() }) }
  }
}
