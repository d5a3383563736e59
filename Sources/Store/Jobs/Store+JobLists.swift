internal import GRDB

/// Which jobs of a list are wanted, by what their owner wrote on them.
package enum MetadataFilter: Sendable, Hashable {
  /// All of these pairs.
  case pairs([String: String])
  /// Nothing is written on them.
  case none
}

extension Store {
  /// Jobs of a project by their metadata, newest first.
  package func jobs(
    projectID: String, shape: Job.Shape, _ page: PageRequest, metadata filter: MetadataFilter
  ) async throws(StoreError) -> Page<Job> {
    try await jobs(projectID: projectID, shape: shape, page) { jobs in
      switch filter {
      case .none:
        jobs.filter(sql: "metadata IS NULL OR metadata IN ('null', '{}')")
      case .pairs(let pairs):
        pairs.reduce(jobs) { jobs, pair in
          jobs.filter(
            sql: """
              metadata IS NOT NULL
              AND EXISTS (SELECT 1 FROM json_each(job.metadata) WHERE key = ? AND value = ?)
              """, arguments: [pair.key, pair.value])
        }
      }
    }
  }
}
