internal import GRDB
package import Records

extension Store {
  /// How a project's invocations are logged, as it was sent; nil where they are not.
  package func invocationLogging(projectID: String) async throws(StoreError) -> JSONValue? {
    try await read { db in
      try JSONColumn.fetchOne(
        db, sql: "SELECT configuration FROM invocationLogging WHERE projectID = ?", arguments: [projectID])?
        .value
    }
  }

  /// - Parameter configuration: nil ends the logging.
  package func setInvocationLogging(_ configuration: JSONValue?, projectID: String) async throws(StoreError) {
    try await write { db in
      guard let configuration else {
        try db.execute(sql: "DELETE FROM invocationLogging WHERE projectID = ?", arguments: [projectID])
        return
      }
      try db.execute(
        sql: "INSERT OR REPLACE INTO invocationLogging (projectID, configuration) VALUES (?, ?)",
        arguments: [projectID, JSONColumn(configuration)])
    }
  }

  /// Whose a bucket is; nil where nobody has used it.
  package func owner(ofBucket bucket: String) async throws(StoreError) -> String? {
    try await read { db in
      try String.fetchOne(
        db, sql: "SELECT projectID FROM bucketOwner WHERE bucket = ?", arguments: [bucket])
    }
  }

  /// Whose a bucket is: the project's that used it first, as bucket names are in S3.
  ///
  /// - Returns: the owner.
  package func owner(ofBucket bucket: String, orElse projectID: String) async throws(StoreError) -> String {
    try await write { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO bucketOwner (bucket, projectID) VALUES (?, ?)",
        arguments: [bucket, projectID])
      return try String.fetchOne(
        db, sql: "SELECT projectID FROM bucketOwner WHERE bucket = ?", arguments: [bucket]) ?? projectID
    }
  }
}
