import Foundation
import Records
import Synchronization

@testable import operant

/// A shell script in the place of `operant-worker`; gone with the object.
final class FakeWorker: Sendable {
  let path: String

  init(_ script: String) throws {
    path = FileManager.default.temporaryDirectory.appending(path: "worker-\(UUID().uuidString)").path
    try ("#!/bin/bash\n" + script).write(toFile: path, atomically: true, encoding: .utf8)
    try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
  }

  deinit { try? FileManager.default.removeItem(atPath: path) }
}

/// Keeps what it is shown.
final class RecordingDisplay: EventDisplay {
  private let state = Mutex((events: [WorkerEvent](), lines: [String](), notes: [String](), closed: 0))

  func show(_ event: WorkerEvent, line: String) {
    state.withLock {
      $0.events.append(event)
      $0.lines.append(line)
    }
  }
  func note(_ text: String) { state.withLock { $0.notes.append(text) } }
  func close() { state.withLock { $0.closed += 1 } }

  var events: [WorkerEvent] { state.withLock { $0.events } }
  var lines: [String] { state.withLock { $0.lines } }
  var notes: [String] { state.withLock { $0.notes } }
  var closed: Int { state.withLock { $0.closed } }
}
