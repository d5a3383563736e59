internal import GRDB

/// How much files take, and when they go.
extension Store {
  /// Adds a file unless the project would then hold more than `limit` bytes.
  ///
  /// - Returns: whether it was added.
  package func insert(_ file: StoredFile, within limit: Int?) async throws(StoreError) -> Bool {
    try await write { db in
      if let limit, try Self.heldBytes(db, of: file.projectID) + file.bytes > limit { return false }
      var file = file
      try file.insert(db)
      return true
    }
  }

  /// Adds a part to an upload that still waits for parts.
  ///
  /// - Parameters:
  ///   - limit: what the project may hold in all.
  ///   - partsLimit: what the parts of this upload may come to.
  /// - Returns: what was in the way, or nil.
  package func insert(_ part: UploadPart, of upload: Upload, within limit: Int?, partsLimit: Int)
    async throws(StoreError) -> UploadObstacle?
  {
    try await write { db in
      guard let current = try Upload.filter(Column("id") == upload.id).fetchOne(db) else { return .gone }
      guard current.status == .pending else { return .status(current.status) }
      let held =
        try Int.fetchOne(
          db, sql: "SELECT COALESCE(SUM(bytes), 0) FROM uploadPart WHERE uploadID = ?",
          arguments: [upload.id]) ?? 0
      if held + part.bytes > partsLimit { return .tooMuch }
      if let limit, try Self.heldBytes(db, of: upload.projectID) + part.bytes > limit { return .quota }
      var part = part
      try part.insert(db)
      return nil
    }
  }

  /// Bytes of a project's files and of the parts of its uploads.
  package func heldBytes(of projectID: String) async throws(StoreError) -> Int {
    try await read { try Self.heldBytes($0, of: projectID) }
  }

  private static func heldBytes(_ db: Database, of projectID: String) throws -> Int {
    try Int.fetchOne(
      db,
      sql: """
        SELECT (SELECT COALESCE(SUM(bytes), 0) FROM file WHERE projectID = ?1)
          + (SELECT COALESCE(SUM(uploadPart.bytes), 0) FROM uploadPart
             JOIN upload ON upload.id = uploadPart.uploadID WHERE upload.projectID = ?1)
        """, arguments: [projectID]) ?? 0
  }

  /// Forgets the parts of an upload.
  ///
  /// - Returns: their ids, whose bytes can go.
  package func removeParts(of uploadID: String) async throws(StoreError) -> [String] {
    try await write { db in
      let parts = try UploadPart.filter(Column("uploadID") == uploadID).fetchAll(db).map(\.id)
      try UploadPart.filter(Column("uploadID") == uploadID).deleteAll(db)
      return parts
    }
  }

  /// Uploads that were to be complete by a moment and are not.
  package func overdueUploads(at moment: UnixTime) async throws(StoreError) -> [Upload] {
    try await read {
      try Upload.filter(Column("status") == Upload.Status.pending.rawValue && Column("expiresAt") <= moment)
        .fetchAll($0)
    }
  }

  /// Of some ids, those whose bytes nobody needs: no file, no part, and no job that is still to read them.
  package func unneeded(_ ids: [String]) async throws(StoreError) -> [String] {
    try await read { db in
      try ids.filter { id in
        try Bool.fetchOne(
          db,
          sql: """
            SELECT NOT EXISTS (SELECT 1 FROM file WHERE id = ?1)
              AND NOT EXISTS (SELECT 1 FROM uploadPart WHERE id = ?1)
              AND NOT EXISTS (
                SELECT 1 FROM job WHERE (trainingFile = ?1 OR validationFile = ?1)
                  AND status NOT IN ('succeeded', 'failed', 'cancelled'))
            """, arguments: [id]) ?? false
      }
    }
  }
}

/// Why a part was not taken.
package enum UploadObstacle: Sendable, Hashable {
  case gone
  case status(Upload.Status)
  /// More than was announced.
  case tooMuch
  /// More than the project may hold.
  case quota
}
