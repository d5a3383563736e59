internal import GRDB

extension Store {
  // MARK: Projects

  package func insert(_ project: Project) async throws(StoreError) {
    try await write { db in
      var project = project
      try project.insert(db)
    }
  }

  package func project(_ id: String) async throws(StoreError) -> Project? {
    try await read { try Project.filter(Column("id") == id).fetchOne($0) }
  }

  package func project(named name: String) async throws(StoreError) -> Project? {
    try await read { try Project.filter(Column("name") == name).fetchOne($0) }
  }

  package func projects() async throws(StoreError) -> [Project] {
    try await read { try Project.order(Column("sequence")).fetchAll($0) }
  }

  package func update(_ project: Project) async throws(StoreError) {
    try await write { try project.update($0) }
  }

  // MARK: Keys

  package func insert(_ key: APIKey) async throws(StoreError) {
    try await write { db in
      var key = key
      try key.insert(db)
    }
  }

  package func key(hash: String) async throws(StoreError) -> APIKey? {
    try await read { try APIKey.filter(Column("hash") == hash).fetchOne($0) }
  }

  package func key(accessKeyID: String) async throws(StoreError) -> APIKey? {
    try await read { try APIKey.filter(Column("accessKeyID") == accessKeyID).fetchOne($0) }
  }

  package func key(_ id: String) async throws(StoreError) -> APIKey? {
    try await read { try APIKey.filter(Column("id") == id).fetchOne($0) }
  }

  package func keys(of projectID: String?) async throws(StoreError) -> [APIKey] {
    try await read { db in
      let all = APIKey.order(Column("sequence"))
      return try (projectID.map { all.filter(Column("projectID") == $0) } ?? all).fetchAll(db)
    }
  }

  package func update(_ key: APIKey) async throws(StoreError) {
    try await write { try key.update($0) }
  }

  // MARK: Audit and use

  package func record(_ entry: AuditEntry) async throws(StoreError) {
    try await write { db in
      var entry = entry
      try entry.insert(db)
    }
  }

  /// Newest first; `before` is a sequence.
  package func audit(projectID: String?, limit: Int, before: Int64? = nil) async throws(StoreError)
    -> [AuditEntry]
  {
    try await read { db in
      var query = AuditEntry.order(Column("sequence").desc).limit(limit)
      if let projectID { query = query.filter(Column("projectID") == projectID) }
      if let before { query = query.filter(Column("sequence") < before) }
      return try query.fetchAll(db)
    }
  }

  /// Adds to a day's figures.
  package func add(_ usage: DailyUsage) async throws(StoreError) {
    try await write { db in
      try db.execute(
        sql: """
          INSERT INTO usage (projectID, day, requests, promptTokens, cachedTokens, completionTokens)
          VALUES (?, ?, ?, ?, ?, ?)
          ON CONFLICT (projectID, day) DO UPDATE SET requests = requests + excluded.requests,
            promptTokens = promptTokens + excluded.promptTokens,
            cachedTokens = cachedTokens + excluded.cachedTokens,
            completionTokens = completionTokens + excluded.completionTokens
          """,
        arguments: [
          usage.projectID, usage.day, usage.requests, usage.promptTokens, usage.cachedTokens,
          usage.completionTokens,
        ])
    }
  }

  package func usage(of projectID: String, day: Int) async throws(StoreError) -> DailyUsage? {
    try await read {
      try DailyUsage.filter(Column("projectID") == projectID && Column("day") == day).fetchOne($0)
    }
  }
}
