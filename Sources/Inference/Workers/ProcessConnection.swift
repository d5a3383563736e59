internal import Records

/// A serving worker in a process of its own, joined by pipes.
final class ProcessConnection: ServingConnection {
  let lines: AsyncStream<ServeLine>
  private let process: ServingProcess
  private let verdict: Task<String?, Never>

  init(executable: String, environment: [String: String], _ request: ServeRequest) {
    let (lines, output) = AsyncStream<ServeLine>.makeStream()
    self.lines = lines
    let process = ServingProcess(output)
    self.process = process
    verdict = Task {
      let failure = await process.run(executable, environment, request)
      output.finish()
      return failure
    }
  }

  func send(_ command: ServeCommand) {
    guard let line = try? WorkerLine.encode(command) else {
      preconditionFailure("a command could not be written as JSON: \(command)")
    }
    process.write(line)
  }

  func close() { process.close() }
  func kill() { process.kill() }
  func failure() async -> String? { await verdict.value }
}
