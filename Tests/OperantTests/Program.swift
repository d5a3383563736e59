import Foundation

@testable import operant

/// The built program in a folder of its own; the folder goes with the object.
final class Program: Sendable {
  struct Result: Sendable {
    var code: Int32
    var output: String
    var error: String
  }

  /// The program lies beside the tests' own executable.
  static let path = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath().deletingLastPathComponent()
    .appending(path: "operant").path
  static var isBuilt: Bool { FileManager.default.isExecutableFile(atPath: path) }

  let name = "cli-\(UUID().uuidString)"
  let folder: String
  private let worker: FakeWorker?

  init(worker script: String? = nil) throws {
    let temporary = FileManager.default.temporaryDirectory.resolvingSymlinksInPath()
    folder = temporary.appending(path: name).path
    worker = try script.map(FakeWorker.init)
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
  }

  deinit { try? FileManager.default.removeItem(atPath: folder) }

  func write(_ text: String, to file: String) throws {
    try text.write(toFile: folder + "/" + file, atomically: true, encoding: .utf8)
  }

  func read(_ file: String) throws -> String {
    try String(contentsOfFile: folder + "/" + file, encoding: .utf8)
  }

  /// A model folder that has a header and no weights.
  func makeModel() throws {
    try FileManager.default.createDirectory(atPath: folder + "/tiny", withIntermediateDirectories: true)
    try write(
      """
      {"num_hidden_layers": 2, "hidden_size": 64, "intermediate_size": 128, "num_attention_heads": 4,
       "num_key_value_heads": 2, "vocab_size": 1000, "max_position_embeddings": 2048}
      """, to: "tiny/config.json")
  }

  func run(
    _ arguments: String..., input: String = "",
    whileRunning body: @Sendable (pid_t) async throws -> Void = { _ in }
  ) async throws -> Result {
    try await launch(Self.path, arguments, input, body)
  }

  func run(_ arguments: [String]) async throws -> Result {
    try await launch(Self.path, arguments, "") { _ in }
  }

  func shell(_ script: String) async throws -> Result {
    try await launch("/bin/bash", ["-c", script], "") { _ in }
  }

  /// Waits for a file that the worker makes.
  func waitFor(_ file: String) async throws {
    while !FileManager.default.fileExists(atPath: folder + "/" + file) {
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  private func launch(
    _ executable: String, _ arguments: [String], _ input: String,
    _ body: @Sendable (pid_t) async throws -> Void
  ) async throws -> Result {
    let id = UUID().uuidString
    let files = ["in", "out", "err"].map { "\(folder)/.\($0)-\(id)" }
    for (file, text) in zip(files, [input, "", ""]) { try Data(text.utf8).write(to: URL(filePath: file)) }
    let process = Process()
    process.executableURL = URL(filePath: executable)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    var environment = ProcessInfo.processInfo.environment
    environment["OPERANT"] = Self.path
    environment["OPERANT_WORKER"] = worker?.path ?? "/nowhere/operant-worker"
    process.environment = environment
    process.standardInput = FileHandle(forReadingAtPath: files[0])
    process.standardOutput = FileHandle(forWritingAtPath: files[1])
    process.standardError = FileHandle(forWritingAtPath: files[2])
    let (ends, end) = AsyncStream<Void>.makeStream()
    process.terminationHandler = { _ in end.finish() }
    try process.run()
    try await body(process.processIdentifier)
    for await _ in ends {}
    return Result(
      code: process.terminationStatus, output: try String(contentsOfFile: files[1], encoding: .utf8),
      error: try String(contentsOfFile: files[2], encoding: .utf8))
  }
}
