internal import GRDB
package import Records

/// What carrying out a job needs that nobody else reads: a row beside the job's own.
package struct JobWork: Codable, Sendable, Hashable, FetchableRecord, PersistableRecord {
  package static let databaseTableName = "jobWork"

  package var jobID: String
  /// The order as it was accepted.
  package var order: JSONColumn
  /// The start of a worker whose end has not been dealt with yet.
  package var launch: JSONColumn?
  /// Bytes of the run's event file that have been told of.
  package var offset: Int
  /// Times that a worker died of its own accord.
  package var deaths: Int

  package init(jobID: String, order: JSONValue) {
    self.jobID = jobID
    self.order = JSONColumn(order)
    offset = 0
    deaths = 0
  }

  static func createTable(_ db: Database) throws {
    try db.create(table: databaseTableName) { t in
      t.primaryKey("jobID", .text).references("job", column: "id", onDelete: .cascade)
      t.column("order", .text).notNull()
      t.column("launch", .text)
      t.column("offset", .integer).notNull()
      t.column("deaths", .integer).notNull()
    }
  }
}

/// Everything that is to become true of a job at once.
package struct JobChange: Sendable {
  package var events: [JobEvent] = []
  /// Checkpoints that can be asked from now on.
  package var offered: [OfferedCheckpoint] = []
  /// Steps whose checkpoints are gone.
  package var withdrawn: [Int] = []
  package var model: TunedModel?
  package var file: StoredFile?
  package var work: (@Sendable (inout JobWork) -> Void)?
  /// False leaves everything as it is.
  package var job: (@Sendable (inout Job) -> Bool)?

  package init() {}

  package init(events: [JobEvent] = [], job: (@Sendable (inout Job) -> Bool)? = nil) {
    self.events = events
    self.job = job
  }
}

/// A checkpoint and the model that it is.
package struct OfferedCheckpoint: Sendable, Hashable {
  package var checkpoint: JobCheckpoint
  package var model: TunedModel

  package init(_ checkpoint: JobCheckpoint, model: TunedModel) {
    self.checkpoint = checkpoint
    self.model = model
  }
}
