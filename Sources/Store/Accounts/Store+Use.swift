internal import GRDB

extension Store {
  /// Writes down when keys were last used, by key id; a later moment that is there already stays.
  package func recordUse(_ moments: [String: UnixTime]) async throws(StoreError) {
    try await write { db in
      for (id, moment) in moments {
        try db.execute(
          sql: "UPDATE apiKey SET lastUsedAt = MAX(COALESCE(lastUsedAt, 0), ?) WHERE id = ?",
          arguments: [moment, id])
      }
    }
  }

  /// Archives a project, and tells of it in the same transaction; nothing happens while it has jobs that are not over, as
  /// nobody could stop them any more.
  ///
  /// - Returns: the ids of those jobs, oldest first.
  package func archive(_ project: Project, audit: AuditEntry) async throws(StoreError) -> [String] {
    try await write { db in
      let open = try Job.filter(
        Column("projectID") == project.id
          && Job.Status.allCases.filter { !$0.isFinal }.map(\.rawValue).contains(Column("status"))
      ).order(Column("sequence")).fetchAll(db)
      guard open.isEmpty else { return open.map(\.id) }
      try project.update(db)
      var entry = audit
      try entry.insert(db)
      return []
    }
  }

  /// Revokes a key, and tells of it in the same transaction; a key that was revoked already keeps its moment.
  ///
  /// - Returns: the key as it is now, or nil when there is none.
  package func revokeKey(_ id: String, audit: AuditEntry) async throws(StoreError) -> APIKey? {
    try await write { db in
      guard var key = try APIKey.filter(Column("id") == id).fetchOne(db) else { return nil }
      guard key.revokedAt == nil else { return key }
      key.revokedAt = .now
      try key.update(db)
      var entry = audit
      try entry.insert(db)
      return key
    }
  }
}
