internal import Foundation
internal import Records

extension WorkerRequest {
  /// Serves until the input ends, and then ends the process: whoever is being answered is told nothing further, as
  /// there is nobody to tell.
  func serve(_ request: ServeRequest, _ input: InputLines) async -> Never {
    let output = ServeOutput(descriptor: STDOUT_FILENO)
    let failure: WorkerFailure? = await withCheckedContinuation { continuation in
      // Reading blocks.
      Thread.detachNewThread {
        do {
          let worker = try ServingWorker(request, output: output)
          while let line = input.next() { worker.take(line) }
          continuation.resume(returning: nil)
        } catch {
          continuation.resume(returning: WorkerFailure(classifying: error))
        }
      }
    }
    if let failure {
      output.put(.failed(failure))
      output.flush(seconds: 10)
    }
    // Not exit, which takes libtorch apart while shards compute with it.
    _exit(failure?.exitCode ?? 0)
  }
}
