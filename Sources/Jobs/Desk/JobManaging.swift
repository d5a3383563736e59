package import Store

/// Who takes jobs and carries them out: `JobDesk`, or a script in tests.
package protocol JobManaging: Sendable {
  /// Accepts a job: when this returns it is in the store and will be carried out, whatever dies. What is wrong with
  /// its files is found afterwards and fails the job.
  func submit(_ order: JobOrder) async throws(JobFailure) -> Job
  /// Asks for a snapshot and a rest. The job is `paused` when the checkpoint is there.
  func pause(_ id: String) async throws(JobFailure) -> Job
  /// Puts a paused job back into the queue.
  func resume(_ id: String) async throws(JobFailure) -> Job
  /// Ends a job; what it has made stays.
  func cancel(_ id: String) async throws(JobFailure) -> Job
}
