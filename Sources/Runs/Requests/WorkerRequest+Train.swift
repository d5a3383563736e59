internal import Checkpoints
internal import Foundation
internal import Records

extension WorkerRequest {
  /// Carries out the plan of a run folder; a failure is left in the folder too, for whoever looks later.
  func train(_ path: String, _ sink: any EventSink, _ interruption: Interruption) async throws {
    let folder = try RunFolder(opening: path)
    do {
      sink.report(.runEnded(try await Run(folder, sink: sink, interruption: interruption).carryOut()))
    } catch let error as StorageError where error.kind == .locked {
      // Another worker's run: nothing of it may be touched.
      throw error
    } catch {
      let failure = WorkerFailure(classifying: error)
      try? folder.write(failure)
      if var status = try? folder.status() {
        status.state = .failed
        status.reason = failure.message
        status.heartbeat = Date()
        try? folder.write(status)
      }
      throw failure
    }
  }
}
