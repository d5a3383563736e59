internal import GRDB

extension Store {
  /// What a token stands for, when it came before; throws `conflict` where it came with another request.
  package func known(_ token: RequestToken) async throws(StoreError) -> RequestToken? {
    try await read { try Self.known(token, $0) }
  }

  /// The token of the request that made something.
  package func requestToken(subject: String, projectID: String) async throws(StoreError) -> String? {
    try await read {
      try RequestToken.filter(Column("subject") == subject && Column("projectID") == projectID)
        .fetchOne($0)?.token
    }
  }
}
