import Foundation
import Records
import Runs

/// Does one thing that needs a model: reads a request from standard input, reports events on standard output,
/// and exits with the failure's code.
@main
struct OperantWorker {
  static func main() async {
    signal(SIGPIPE, SIG_IGN)
    let sink = EventStream(descriptor: STDOUT_FILENO)
    let interruption = Interruption()
    let input = InputLines()
    do {
      guard let line = input.next() else {
        throw WorkerFailure(
          .usage, "operant-worker reads a request on standard input; use the operant command")
      }
      let request: WorkerRequest
      do { request = try WorkerLine.decode(WorkerRequest.self, from: line.utf8) } catch {
        throw WorkerFailure(.usage, "the request on standard input cannot be read: \(error)")
      }
      if case .train = request { interruption.listen() }
      try await request.carryOut(sink, interruption: interruption, input: input)
    } catch {
      let failure = WorkerFailure(classifying: error)
      sink.report(.failed(failure))
      exit(failure.exitCode)
    }
  }
}
