internal import GRDB

/// Something that happened to a job.
package struct JobEvent: StoredRecord {
  package static let databaseTableName = "jobEvent"

  package enum Level: String, Codable, Sendable, Hashable { case info, warn, error }
  package enum Kind: String, Codable, Sendable, Hashable { case message, metrics }

  package var sequence: Int64?
  package var id: String
  package var jobID: String
  package var createdAt: UnixTime
  package var level: Level
  package var kind: Kind
  package var message: String
  package var data: JSONColumn?
  /// What it tells of, such as `step 12`: a second event of one source is not kept.
  package var source: String?

  package init(
    jobID: String, level: Level = .info, kind: Kind = .message, message: String, data: JSONColumn? = nil,
    source: String? = nil, createdAt: UnixTime = .now
  ) {
    id = Identifier.new("ftevent-")
    self.jobID = jobID
    self.createdAt = createdAt
    self.level = level
    self.kind = kind
    self.message = message
    self.data = data
    self.source = source
  }
}

/// A policy of a job that can be asked, and gone on from.
package struct JobCheckpoint: StoredRecord {
  package static let databaseTableName = "jobCheckpoint"

  package var sequence: Int64?
  package var id: String
  package var jobID: String
  package var step: Int
  /// Its name as a model.
  package var model: String
  package var metrics: JSONColumn
  package var createdAt: UnixTime

  package init(jobID: String, step: Int, model: String, metrics: JSONColumn) {
    id = Identifier.new("ftckpt_")
    self.jobID = jobID
    self.step = step
    self.model = model
    self.metrics = metrics
    createdAt = .now
  }
}

/// Leave for another project to ask a checkpoint.
package struct CheckpointPermission: StoredRecord {
  package static let databaseTableName = "checkpointPermission"

  package var sequence: Int64?
  package var id: String
  package var model: String
  package var projectID: String
  package var createdAt: UnixTime

  package init(model: String, projectID: String) {
    id = Identifier.new("cp_")
    self.model = model
    self.projectID = projectID
    createdAt = .now
  }
}
