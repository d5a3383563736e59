internal import GRDB

/// A policy that can be asked by name: what a job has made, or one of its checkpoints.
package struct TunedModel: StoredRecord {
  package static let databaseTableName = "model"

  package var sequence: Int64?
  /// Its name on the wire.
  package var id: String
  package var projectID: String
  /// The model that it was tuned from, as `ModelCatalogue` names it.
  package var base: String
  package var jobID: String?
  package var runFolder: String
  /// nil for the run's newest checkpoint.
  package var step: Int?
  package var createdAt: UnixTime
  package var deletedAt: UnixTime?

  package init(
    id: String, projectID: String, base: String, jobID: String?, runFolder: String, step: Int?
  ) {
    self.id = id
    self.projectID = projectID
    self.base = base
    self.jobID = jobID
    self.runFolder = runFolder
    self.step = step
    createdAt = .now
  }
}
