internal import GRDB

/// A client's name for a request: the same request under the same name is done once.
package struct RequestToken: Codable, Sendable, Hashable, FetchableRecord, PersistableRecord {
  package static let databaseTableName = "requestToken"

  package var projectID: String
  package var operation: String
  package var token: String
  /// Of the request, to tell another one that took the same name.
  package var fingerprint: String
  /// The id of what the request makes.
  package var subject: String
  package var createdAt: UnixTime

  package init(projectID: String, operation: String, token: String, fingerprint: String, subject: String) {
    self.projectID = projectID
    self.operation = operation
    self.token = token
    self.fingerprint = fingerprint
    self.subject = subject
    createdAt = .now
  }
}
