import Foundation
import Records
import Testing

@testable import Runs

/// A serving worker in this process, spoken to as its owner does: commands in, lines out through a pipe.
final class ServedDoor: Sendable {
  struct Attempt: Hashable {
    var tokens: [Int32] = []
    var logProbabilities: [Float] = []
    var end: ServeEvent.EndReason?
  }

  let worker: ServingWorker
  private let output: ServeOutput
  private let pipe = Pipe()
  private let lock = NSLock()
  private nonisolated(unsafe) var seen: [ServeEvent] = []
  private nonisolated(unsafe) var found: [UInt64: [Int: Attempt]] = [:]
  private nonisolated(unsafe) var mistakes: [String] = []

  init(_ request: ServeRequest, shards: Int = 2) throws {
    output = ServeOutput(descriptor: pipe.fileHandleForWriting.fileDescriptor)
    worker = try ServingWorker(request, output: output, shards: shards)
    let handle = pipe.fileHandleForReading
    Thread.detachNewThread { [weak self] in
      var rest = Data()
      while true {
        let piece = handle.availableData
        if piece.isEmpty { return }
        rest += piece
        while let end = rest.firstIndex(of: 0x0A) {
          self?.take(rest[rest.startIndex..<end])
          rest = rest[(end + 1)...]
        }
      }
    }
  }

  /// Ends the worker; nothing is read any more.
  func close() {
    worker.stop()
    output.flush(seconds: 30)
    output.close()
    try? pipe.fileHandleForWriting.close()
  }

  private func take(_ line: Data) {
    lock.withLock {
      if let entries = TokenLine.decode(line) {
        for entry in entries {
          if found[entry.id]?[entry.attempt]?.end != nil {
            mistakes.append("a token of \(entry.id) came behind its end")
          }
          found[entry.id, default: [:]][entry.attempt, default: Attempt()].tokens.append(entry.token)
          found[entry.id]?[entry.attempt]?.logProbabilities.append(entry.logProbability)
        }
        return
      }
      guard let event = try? WorkerLine.decode(ServeEvent.self, from: line) else {
        mistakes.append("a line cannot be read: \(String(decoding: line, as: UTF8.self))")
        return
      }
      seen.append(event)
      switch event {
      case .ended(let id, let attempt, let reason):
        if found[id]?[attempt]?.end != nil { mistakes.append("attempt \(attempt) of \(id) ended twice") }
        found[id, default: [:]][attempt, default: Attempt()].end = reason
      case .prompt(let id, _, _):
        if found[id]?.values.contains(where: { !$0.tokens.isEmpty }) == true {
          mistakes.append("a token of \(id) came before its prompt")
        }
      default: break
      }
    }
  }

  func send(_ command: ServeCommand) throws { worker.take(try WorkerLine.encode(command)) }

  var events: [ServeEvent] { lock.withLock { seen } }
  /// What broke the protocol.
  var broken: [String] { lock.withLock { mistakes } }
  /// What came of a command, by attempt.
  func attempts(_ id: UInt64) -> [Int: Attempt] { lock.withLock { found[id] ?? [:] } }

  /// Waits until something has been reported.
  func wait(_ what: Comment, _ holds: () -> Bool) async throws {
    let deadline = ContinuousClock.now + .seconds(1200)
    while !holds() {
      try #require(ContinuousClock.now < deadline, what)
      try await Task.sleep(for: .milliseconds(2))
    }
  }

  /// The attempts of a command, when all have ended.
  func ended(_ id: UInt64, _ count: Int = 1) async throws -> [Attempt] {
    try await wait("command \(id) did not end") {
      attempts(id).count == count && attempts(id).values.allSatisfy { $0.end != nil }
    }
    let found = attempts(id)
    return (0..<count).compactMap { found[$0] }
  }

  /// The refusal of a subject.
  func refusal(_ subject: String) async throws -> WorkerFailure {
    func refusals() -> [WorkerFailure] {
      events.compactMap { event in
        if case .refused(subject, let failure) = event { failure } else { nil }
      }
    }
    try await wait("\(subject) was not refused") { !refusals().isEmpty }
    return refusals()[0]
  }
}
