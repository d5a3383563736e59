internal import GRDB

extension Store {
  /// Throws `conflict` where the name is taken, or the token came with another request.
  package func insert(_ deployment: ModelDeployment, token: RequestToken?) async throws(StoreError)
    -> Reservation
  {
    try await write { db in
      if let token, let known = try Self.known(token, db) {
        let isThere =
          try ModelDeployment.filter(Column("arn") == known.subject && Column("deletedAt") == nil)
          .fetchCount(db) > 0
        if isThere { return .repeated(subject: known.subject) }
        // What the token has made is deleted: it makes the same anew.
        try known.delete(db)
      }
      let isTaken =
        try ModelDeployment.filter(
          Column("projectID") == deployment.projectID && Column("name") == deployment.name
            && Column("deletedAt") == nil
        ).fetchCount(db) > 0
      if isTaken {
        throw StoreError(
          .conflict, "there is a deployment named '\(deployment.name)'; take another name or update it")
      }
      var deployment = deployment
      try deployment.insert(db)
      try token?.insert(db)
      return .made
    }
  }

  /// By id, ARN or name.
  package func deployment(_ identifier: String, projectID: String) async throws(StoreError)
    -> ModelDeployment?
  {
    try await read { db in
      let mine = ModelDeployment.filter(Column("projectID") == projectID && Column("deletedAt") == nil)
      if identifier.hasPrefix("arn:") { return try mine.filter(Column("arn") == identifier).fetchOne(db) }
      return try mine.filter(Column("name") == identifier).fetchOne(db)
        ?? mine.filter(Column("id") == identifier).fetchOne(db)
    }
  }

  package func deployments(
    projectID: String, filter: ListFilter, modelARN: String?, _ page: PageRequest
  ) async throws(StoreError) -> Page<ModelDeployment> {
    try await read { db in
      let mine = ModelDeployment.filter(Column("projectID") == projectID)
      return try ModelDeployment.page(db, page, of: mine, owner: projectID) { mine in
        let query = filter.applied(to: mine.filter(Column("deletedAt") == nil))
        return modelARN.map { query.filter(Column("modelARN") == $0) } ?? query
      }
    }
  }

  package func update(_ deployment: ModelDeployment) async throws(StoreError) {
    try await write { try deployment.update($0) }
  }

  /// - Returns: whether there was one.
  package func deleteDeployment(_ deployment: ModelDeployment) async throws(StoreError) -> Bool {
    try await write { db in
      try db.execute(
        sql: "DELETE FROM resourceTag WHERE projectID = ? AND arn = ?",
        arguments: [deployment.projectID, deployment.arn])
      return try ModelDeployment.filter(Column("id") == deployment.id && Column("deletedAt") == nil)
        .updateAll(db, Column("deletedAt").set(to: UnixTime.now)) > 0
    }
  }
}
