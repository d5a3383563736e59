import Foundation
import Records
import Subprocess
import Synchronization

#if canImport(System)
  import System
#else
  import SystemPackage
#endif

/// A process that is written commands to and whose events go into a stream.
///
/// Its standard input ends with this program, however that ends, and the worker with it.
final class ServingProcess: Sendable {
  private struct State {
    var kill: (@Sendable () -> Void)?
    var wasKilled = false
    /// The last lines of its standard error, and of its standard output what was no event.
    var tail: [String] = []
  }

  private let output: AsyncStream<ServeLine>.Continuation
  private let commands: AsyncStream<String>
  private let input: AsyncStream<String>.Continuation
  private let state = Mutex(State())
  /// How long a worker that was told to end may take.
  private static let grace = Duration.seconds(10)

  init(_ output: AsyncStream<ServeLine>.Continuation) {
    self.output = output
    (commands, input) = AsyncStream<String>.makeStream()
  }

  func write(_ line: String) { input.yield(line) }

  func close() {
    input.finish()
    Task { [weak self] in
      try? await Task.sleep(for: Self.grace)
      self?.kill()
    }
  }

  func kill() {
    let kill = state.withLock { state in
      state.wasKilled = true
      return state.kill
    }
    kill?()
  }

  /// Runs the worker to its end.
  ///
  /// - Returns: what went wrong, or nil when it ended as it should.
  func run(_ executable: String, _ environment: [String: String], _ request: ServeRequest) async -> String? {
    // Writing to a worker that has died must be an error, not the end of the program.
    signal(SIGPIPE, SIG_IGN)
    let updates = environment.compactMap { key, value in Environment.Key(rawValue: key).map { ($0, value) } }
    var options = PlatformOptions()
    // A Ctrl-C in the terminal is the service's, which lets answers end first.
    options.processGroupID = 0
    let status: TerminationStatus
    do {
      let first = try WorkerLine.encode(WorkerRequest.serve(request))
      let result = try await Subprocess.run(
        .path(FilePath(executable)),
        environment: .inherit.updating(Dictionary(updates) { a, _ in a }.mapValues(Optional.some)),
        platformOptions: options, input: .inputWriter, output: .sequence, error: .sequence
      ) { execution in
        adopt { try? execution.send(signal: .kill) }
        await withTaskGroup(of: Void.self) { group in
          group.addTask { await self.read(execution.standardError) { self.remember($0) } }
          group.addTask { await self.read(execution.standardOutput) { self.take($0) } }
          let writer = Task { await self.feed(execution.standardInputWriter, first) }
          await group.waitForAll()
          writer.cancel()
          await writer.value
        }
      }
      status = result.terminationStatus
    } catch {
      return "\(executable) could not be run: \(error)"
    }
    state.withLock { $0.kill = nil }
    return verdict(status)
  }

  private func adopt(_ kill: @escaping @Sendable () -> Void) {
    let isLate = state.withLock { state in
      state.kill = kill
      return state.wasKilled
    }
    if isLate { kill() }
  }

  /// Writes until the commands end; a worker that has gone away is told of by its exit, not here.
  private func feed(_ writer: StandardInputWriter, _ first: String) async {
    do {
      _ = try await writer.write(first + "\n")
      for await line in commands { _ = try await writer.write(line + "\n") }
      try await writer.finish()
    } catch {
      return
    }
  }

  private func read(_ output: SubprocessOutputSequence, _ take: (ArraySlice<UInt8>) -> Void) async {
    var rest: [UInt8] = []
    do {
      for try await buffer in output {
        buffer.withUnsafeBytes { bytes in rest.append(contentsOf: bytes) }
        var start = rest.startIndex
        while let end = rest[start...].firstIndex(of: 0x0A) {
          take(rest[start..<end])
          start = end + 1
        }
        rest.removeFirst(start)
      }
    } catch {
      // The pipe was closed under us: the worker has ended, and its exit status says how.
    }
    if !rest.isEmpty { take(rest[...]) }
  }

  private func take(_ line: ArraySlice<UInt8>) {
    if let entries = TokenLine.decode(line) {
      output.yield(.tokens(entries))
    } else if let event = try? WorkerLine.decode(ServeEvent.self, from: line) {
      output.yield(.event(event))
    } else if let event = try? WorkerLine.decode(WorkerEvent.self, from: line) {
      // What every worker may say before it serves.
      if case .failed(let failure) = event { output.yield(.event(.failed(failure))) }
    } else {
      remember(line)
    }
  }

  private func remember(_ line: ArraySlice<UInt8>) {
    let text = String(decoding: line.prefix(2000), as: UTF8.self)
    state.withLock { state in
      state.tail.append(text)
      if state.tail.count > 20 { state.tail.removeFirst() }
    }
  }

  private func verdict(_ status: TerminationStatus) -> String? {
    let (tail, wasKilled) = state.withLock { ($0.tail, $0.wasKilled) }
    let evidence = tail.isEmpty ? "" : "; its last lines: " + tail.joined(separator: " | ")
    switch status {
    case .exited(0): return nil
    case .exited(let code): return "it ended with code \(code)" + evidence
    case .signaled(SIGKILL):
      return wasKilled
        ? "it was killed" : "it died of SIGKILL; the system may have run out of memory" + evidence
    case .signaled(let number): return "it died of signal \(number)" + evidence
    }
  }
}
