internal import GRDB

/// A key and a value on something that has an ARN.
package struct ResourceTag: Codable, Sendable, Hashable, FetchableRecord, PersistableRecord {
  package static let databaseTableName = "resourceTag"

  package var projectID: String
  package var arn: String
  package var key: String
  package var value: String

  package init(projectID: String, arn: String, key: String, value: String) {
    self.projectID = projectID
    self.arn = arn
    self.key = key
    self.value = value
  }
}

extension Store {
  /// Sets tags, unless the resource would have more than `limit`.
  ///
  /// - Returns: whether they were set.
  package func set(_ tags: [ResourceTag], of arn: String, projectID: String, limit: Int)
    async throws(StoreError) -> Bool
  {
    try await write { db in
      let mine = ResourceTag.filter(Column("projectID") == projectID && Column("arn") == arn)
      let keys = try Set(mine.fetchAll(db).map(\.key)).union(tags.map(\.key))
      guard keys.count <= limit else { return false }
      for tag in tags { try tag.insert(db, onConflict: .replace) }
      return true
    }
  }

  package func removeTags(_ keys: [String], of arn: String, projectID: String) async throws(StoreError) {
    try await write { db in
      _ = try ResourceTag.filter(
        Column("projectID") == projectID && Column("arn") == arn && keys.contains(Column("key"))
      ).deleteAll(db)
    }
  }

  package func tags(of arn: String, projectID: String) async throws(StoreError) -> [ResourceTag] {
    try await read {
      try ResourceTag.filter(Column("projectID") == projectID && Column("arn") == arn).order(Column("key"))
        .fetchAll($0)
    }
  }
}
