import Cluster
import Foundation
import Records

/// A worker with this program's terminal and signals.
struct WorkerSession {
  var process: WorkerProcess
  let display: any EventDisplay

  init(display: any EventDisplay) throws(CommandFailure) {
    do throws(LaunchFailure) { process = WorkerProcess(executable: try WorkerLocation.find()) } catch {
      // The display may have taken the terminal already.
      display.close()
      throw CommandFailure(error.message)
    }
    self.display = display
  }

  /// Runs one request; Ctrl-C is the worker's until it ends.
  func run(
    _ request: WorkerRequest, input: AsyncStream<String>? = nil,
    handle: @escaping @Sendable (WorkerEvent) -> Void = { _ in }
  ) async throws(CommandFailure) {
    let interruptions = Interruptions()
    defer { interruptions.stop() }
    let conversation = WorkerProcess.Conversation(
      input: input, interrupts: interruptions.signals, display: display)
    try await process.run(request, conversation, handle: handle)
  }
}

/// Shows nothing: for commands that print answers themselves. What the worker warns of goes to standard error.
struct QuietDisplay: EventDisplay {
  func show(_ event: WorkerEvent, line: String) {
    if case .warning(let text) = event { Terminal.writeError("warning: \(text)\n") }
  }
  func note(_ text: String) { Terminal.writeError(text + "\n") }
  func close() {}
}
