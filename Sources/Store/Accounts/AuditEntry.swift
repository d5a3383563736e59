package import GRDB

/// A change, by whom.
package struct AuditEntry: Codable, Sendable, Hashable, FetchableRecord, MutablePersistableRecord {
  package static let databaseTableName = "auditEntry"

  package var sequence: Int64?
  package var at: UnixTime
  package var projectID: String?
  package var keyID: String?
  package var requestID: String?
  /// Such as `job.create`.
  package var action: String
  package var subject: String
  package var details: JSONColumn?

  package init(
    projectID: String?, keyID: String?, requestID: String?, action: String, subject: String,
    details: JSONColumn? = nil
  ) {
    at = .now
    self.projectID = projectID
    self.keyID = keyID
    self.requestID = requestID
    self.action = action
    self.subject = subject
    self.details = details
  }

  package mutating func didInsert(_ inserted: InsertionSuccess) { sequence = inserted.rowID }
}
