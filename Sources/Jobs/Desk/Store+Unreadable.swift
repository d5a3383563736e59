internal import Store

extension Store {
  /// Ends a job whose order or plan is not what this version writes: nobody can carry it out.
  func failUnreadable(_ jobID: String) async throws(StoreError) {
    let text = "what the service has kept of the job's order cannot be read; send the job again"
    try await apply(
      JobChange(events: [JobEvent(jobID: jobID, level: .error, message: text, source: "end")]) { job in
        guard !job.status.isFinal else { return false }
        job.status = .failed
        job.wish = nil
        job.waitingFor = nil
        job.estimatedFinish = nil
        job.finishedAt = .now
        job.errorCode = "invalid_job"
        job.errorMessage = text
        return true
      }, to: jobID)
  }
}
