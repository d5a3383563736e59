internal import GRDB

extension Store {
  /// What a token stands for, when it came before; throws `conflict` where it came with another request.
  package func known(_ token: RequestToken) async throws(StoreError) -> RequestToken? {
    try await read { try Self.known(token, $0) }
  }

  /// Takes a token for something that is about to be made; throws `conflict` where it came with another request.
  package func reserve(_ token: RequestToken) async throws(StoreError) -> Reservation {
    try await write { db in
      if let known = try Self.known(token, db) { return .repeated(subject: known.subject) }
      try token.insert(db)
      return .made
    }
  }

  /// Gives a token back, when nothing came of it.
  package func release(_ token: RequestToken) async throws(StoreError) {
    try await write { db in
      _ = try RequestToken.filter(
        Column("subject") == token.subject && Column("projectID") == token.projectID
      )
      .deleteAll(db)
    }
  }

  /// The token of the request that made something.
  package func requestToken(subject: String, projectID: String) async throws(StoreError) -> String? {
    try await read {
      try RequestToken.filter(Column("subject") == subject && Column("projectID") == projectID)
        .fetchOne($0)?.token
    }
  }
}
