import Cluster
import Foundation
import Records
import Subprocess
import Synchronization

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// One `operant-worker` at work on one request.
///
/// The worker has a process group of its own: Ctrl-C reaches it only as the request to finish that this type
/// sends, so that a second one can still end it at once.
struct WorkerProcess: Sendable {
  let executable: String
  /// What is said to the user at the first interrupt.
  var finishingNote = "finishing; Ctrl-C again ends at once"
  /// What is said after the second, such as how to go on.
  var killedNote: String?

  /// How the two sides are joined.
  struct Conversation: Sendable {
    /// Further lines for the worker's standard input; nil closes it after the request.
    var input: AsyncStream<String>?
    var interrupts: AsyncStream<Int32>
    var display: any EventDisplay
  }

  /// Runs the request to its end; every event goes to the display and to `handle`, in order.
  ///
  /// - Throws: `CommandFailure` when the worker reported a failure, died, or was ended by a second interrupt.
  func run(
    _ request: WorkerRequest, _ conversation: Conversation,
    handle: @escaping @Sendable (WorkerEvent) -> Void = { _ in }
  ) async throws(CommandFailure) {
    let outcome = WorkerOutcome()
    let status: TerminationStatus
    do {
      status = try await launch(request, conversation, outcome, handle)
    } catch {
      conversation.display.close()
      throw CommandFailure("the worker \(executable) could not be run: \(error)")
    }
    conversation.display.close()
    if let failure = outcome.verdict(status, killedNote: killedNote) { throw failure }
  }

  private func launch(
    _ request: WorkerRequest, _ conversation: Conversation, _ outcome: WorkerOutcome,
    _ handle: @escaping @Sendable (WorkerEvent) -> Void
  ) async throws -> TerminationStatus {
    // Writing to a worker that has died must be an error, not the end of the program.
    signal(SIGPIPE, SIG_IGN)
    let changes = WorkerLocation.environmentChanges(ProcessInfo.processInfo.environment)
    let updates = changes.compactMap { key, value in Environment.Key(rawValue: key).map { ($0, value) } }
    var options = PlatformOptions()
    options.processGroupID = 0
    let first = try WorkerLine.encode(request)
    let result = try await Subprocess.run(
      .path(FilePath(executable)),
      environment: .inherit.updating(Dictionary(updates) { a, _ in a }.mapValues(Optional.some)),
      platformOptions: options, input: .inputWriter, output: .sequence, error: .sequence
    ) { execution in
      await withTaskGroup(of: Void.self) { group in
        // Reading both outputs ends with the worker; the rest is then called off.
        group.addTask { await read(execution.standardError) { outcome.add($0) } }
        group.addTask {
          await read(execution.standardOutput) { line in
            guard let event = outcome.event(line) else { return }
            conversation.display.show(event, line: String(decoding: line, as: UTF8.self))
            handle(event)
          }
        }
        let others = [
          Task {
            await feed(execution.standardInputWriter, first, conversation.input)
          },
          Task {
            for await _ in conversation.interrupts { interrupt(execution, conversation.display, outcome) }
          },
        ]
        await group.waitForAll()
        for task in others { task.cancel() }
        for task in others { await task.value }
      }
    }
    return result.terminationStatus
  }

  /// Writes until the lines end; a worker that has gone away is told of by its exit, not here.
  private func feed(_ writer: StandardInputWriter, _ first: String, _ rest: AsyncStream<String>?) async {
    do {
      _ = try await writer.write(first + "\n")
      if let rest {
        for await line in rest { _ = try await writer.write(line + "\n") }
      }
      try await writer.finish()
    } catch {
      return
    }
  }

  private func read(_ output: SubprocessOutputSequence, _ take: (ArraySlice<UInt8>) -> Void) async {
    var splitter = LineSplitter()
    do {
      for try await buffer in output {
        for line in buffer.withUnsafeBytes({ splitter.take($0) }) { take(line[...]) }
      }
    } catch {
      // The pipe was closed under us: the worker has ended, and its exit status says how.
    }
    if let last = splitter.finish() { take(last[...]) }
  }

  private func interrupt(
    _ execution: Execution<CustomWriteInput, SequenceOutput, SequenceOutput>, _ display: any EventDisplay,
    _ outcome: WorkerOutcome
  ) {
    let isFirst = outcome.countInterrupt() == 1
    if isFirst { display.note(finishingNote) }
    // A worker that is gone already needs no signal.
    try? execution.send(signal: isFirst ? .interrupt : .kill)
  }
}
