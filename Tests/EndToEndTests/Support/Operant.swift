import Foundation

/// The built programs, run as a user runs them.
struct Operant: Sendable {
  struct Result: Sendable {
    var code: Int32
    var output: String
    var error: String
  }

  /// The folder of the built products: that of the tests' own executable.
  private static let products = URL(filePath: "/proc/self/exe").resolvingSymlinksInPath()
    .deletingLastPathComponent()
  static let path = products.appending(path: "operant").path
  static var isBuilt: Bool {
    ["operant", "operant-worker"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: products.appending(path: $0).path)
    }
  }

  /// Where it is run, and where its output is kept while it runs.
  let folder: String

  func run(_ arguments: String..., input: String = "") async throws -> Result {
    try await run(arguments, input: input)
  }

  /// Runs to the end. `watch` sees every line of standard output as it comes, on a thread of its own.
  func run(
    _ arguments: [String], input: String = "",
    watch: @escaping @Sendable (Running, String) -> Void = { _, _ in }
  ) async throws -> Result {
    let folder = folder
    return try await withCheckedThrowingContinuation { continuation in
      // Reading blocks: not on a thread that other tests need.
      Thread.detachNewThread {
        continuation.resume(
          with: Swift.Result { try Self.run(arguments, input: input, in: folder, watch: watch) })
      }
    }
  }

  private static func run(
    _ arguments: [String], input: String, in folder: String, watch: (Running, String) -> Void
  ) throws -> Result {
    let stem = folder + "/.\(UUID().uuidString)"
    let files = (input: stem + ".in", error: stem + ".err")
    defer { for file in [files.input, files.error] { try? FileManager.default.removeItem(atPath: file) } }
    try Data(input.utf8).write(to: URL(filePath: files.input))
    try Data().write(to: URL(filePath: files.error))
    let process = Process()
    process.executableURL = URL(filePath: path)
    process.arguments = arguments
    process.currentDirectoryURL = URL(filePath: folder)
    var environment = ProcessInfo.processInfo.environment
    environment["OPERANT_WORKER"] = nil
    process.environment = environment
    process.standardInput = FileHandle(forReadingAtPath: files.input)
    process.standardError = FileHandle(forWritingAtPath: files.error)
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let running = Running(pid: process.processIdentifier)
    var output = Data()
    var line = 0
    while true {
      let piece = pipe.fileHandleForReading.availableData
      if piece.isEmpty { break }
      output += piece
      while let end = output[line...].firstIndex(of: 0x0A) {
        watch(running, String(decoding: output[line..<end], as: UTF8.self))
        line = end + 1
      }
    }
    process.waitUntilExit()
    let code = process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
    return Result(
      code: code, output: String(decoding: output, as: UTF8.self),
      error: try String(contentsOfFile: files.error, encoding: .utf8))
  }
}

/// A program that is running, and the worker it started.
struct Running: Sendable {
  let pid: pid_t

  func signal(_ number: Int32) { kill(pid, number) }

  /// The processes that it started and that still live.
  var workers: [pid_t] {
    let tasks = (try? FileManager.default.contentsOfDirectory(atPath: "/proc/\(pid)/task")) ?? []
    return tasks.flatMap { task -> [pid_t] in
      let text = (try? String(contentsOfFile: "/proc/\(pid)/task/\(task)/children", encoding: .utf8)) ?? ""
      return text.split(separator: " ").compactMap { pid_t($0) }
    }
  }
}
