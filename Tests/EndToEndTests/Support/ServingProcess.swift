import Foundation
import Records
import Testing

/// A serving worker as a process of its own, spoken to over its pipes.
final class ServingProcess: Sendable {
  private let process = Process()
  private let input = Pipe()
  private let lock = NSLock()
  private nonisolated(unsafe) var lines: [Data] = []
  private nonisolated(unsafe) var hasEnded = false

  init(_ request: ServeRequest) throws {
    let output = Pipe()
    process.executableURL = URL(filePath: Operant.path).deletingLastPathComponent().appending(
      path: "operant-worker")
    process.standardInput = input
    process.standardOutput = output
    try process.run()
    Thread.detachNewThread { [weak self] in
      var rest = Data()
      while true {
        let piece = output.fileHandleForReading.availableData
        if piece.isEmpty { break }
        rest += piece
        while let end = rest.firstIndex(of: 0x0A) {
          let line = Data(rest[rest.startIndex..<end])
          self?.lock.withLock { self?.lines.append(line) }
          rest = rest[(end + 1)...]
        }
      }
      self?.lock.withLock { self?.hasEnded = true }
    }
    try write(WorkerLine.encode(WorkerRequest.serve(request)))
  }

  deinit { if process.isRunning { process.terminate() } }

  func write(_ line: String) throws {
    try input.fileHandleForWriting.write(contentsOf: Data((line + "\n").utf8))
  }

  func send(_ command: ServeCommand) throws { try write(WorkerLine.encode(command)) }

  /// Ends its input.
  func closeInput() throws { try input.fileHandleForWriting.close() }

  var events: [ServeEvent] {
    lock.withLock { lines }.compactMap { try? WorkerLine.decode(ServeEvent.self, from: $0) }
  }

  /// Tokens of an attempt so far.
  func tokens(_ id: UInt64, _ attempt: Int = 0) -> [TokenLine.Entry] {
    lock.withLock { lines }.compactMap { TokenLine.decode($0) }.joined()
      .filter { $0.id == id && $0.attempt == attempt }
  }

  func hasEnded(_ id: UInt64) -> Bool {
    events.contains { event in
      if case .ended(id, _, _) = event { true } else { false }
    }
  }

  func wait(_ what: Comment, _ holds: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(1200)
    while !holds() {
      try #require(ContinuousClock.now < deadline, what)
      try await Task.sleep(for: .milliseconds(10))
    }
  }

  /// The exit code, when the process has ended by itself and everything it wrote has been read.
  func exitCode() async throws -> Int32 {
    try await wait("the worker did not end") { !process.isRunning && lock.withLock { hasEnded } }
    return process.terminationReason == .exit ? process.terminationStatus : -process.terminationStatus
  }
}
