internal import GRDB

/// A tenant: nothing of one project is visible to another.
package struct Project: StoredRecord {
  package static let databaseTableName = "project"

  package var sequence: Int64?
  package var id: String
  package var name: String
  package var createdAt: UnixTime
  package var archivedAt: UnixTime?
  /// Jobs that may wait or run at once; nil for any number.
  package var maxRunningJobs: Int?
  /// Bytes of files and run folders.
  package var maxStorageBytes: Int?
  /// Tokens of prompts and answers a day (UTC).
  package var maxTokensPerDay: Int?

  package init(name: String) {
    id = Identifier.new("proj_")
    self.name = name
    createdAt = .now
  }
}
