internal import GRDB

/// How far a Bedrock job is, in Bedrock's words.
package enum BedrockJobStatus: String, Sendable, Hashable, CaseIterable {
  case inProgress = "InProgress"
  case completed = "Completed"
  case failed = "Failed"
  case stopping = "Stopping"
  case stopped = "Stopped"

  package init(_ job: Job) {
    self =
      switch job.status {
      case .succeeded: .completed
      case .failed: .failed
      case .cancelled: .stopped
      case .validatingFiles, .queued, .running, .paused: job.wish == .cancel ? .stopping : .inProgress
      }
  }
}

extension Store {
  package func bedrockJobs(
    projectID: String, filter: ListFilter, status: BedrockJobStatus?, _ page: PageRequest
  ) async throws(StoreError) -> Page<Job> {
    try await jobs(projectID: projectID, shape: .bedrock, page) { query in
      let query = filter.applied(to: query)
      let final = "status IN ('succeeded', 'failed', 'cancelled')"
      return switch status {
      case nil: query
      case .completed: query.filter(Column("status") == Job.Status.succeeded.rawValue)
      case .failed: query.filter(Column("status") == Job.Status.failed.rawValue)
      case .stopped: query.filter(Column("status") == Job.Status.cancelled.rawValue)
      case .stopping: query.filter(sql: "NOT \(final) AND wish IS 'cancel'")
      case .inProgress: query.filter(sql: "NOT \(final) AND wish IS NOT 'cancel'")
      }
    }
  }
}
