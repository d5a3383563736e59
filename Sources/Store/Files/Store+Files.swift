internal import GRDB

extension Store {
  package func insert(_ file: StoredFile) async throws(StoreError) {
    try await write { db in
      var file = file
      try file.insert(db)
    }
  }

  package func file(_ id: String, projectID: String) async throws(StoreError) -> StoredFile? {
    try await read {
      try StoredFile.filter(Column("id") == id && Column("projectID") == projectID).fetchOne($0)
    }
  }

  package func files(projectID: String, purpose: String?, _ page: PageRequest) async throws(StoreError)
    -> Page<StoredFile>
  {
    try await read { db in
      let mine = StoredFile.filter(Column("projectID") == projectID)
      return try StoredFile.page(db, page, of: mine, owner: projectID) { mine in
        purpose.map { mine.filter(Column("purpose") == $0) } ?? mine
      }
    }
  }

  /// - Returns: whether there was one.
  package func deleteFile(_ id: String, projectID: String) async throws(StoreError) -> Bool {
    try await write {
      try StoredFile.filter(Column("id") == id && Column("projectID") == projectID).deleteAll($0) > 0
    }
  }

  package func expiredFiles(at moment: UnixTime) async throws(StoreError) -> [StoredFile] {
    try await read { try StoredFile.filter(Column("expiresAt") <= moment).fetchAll($0) }
  }

  package func storedBytes(of projectID: String) async throws(StoreError) -> Int {
    try await read {
      try Int.fetchOne(
        $0, sql: "SELECT COALESCE(SUM(bytes), 0) FROM file WHERE projectID = ?", arguments: [projectID]) ?? 0
    }
  }

  // MARK: Uploads

  package func insert(_ upload: Upload) async throws(StoreError) {
    try await write { db in
      var upload = upload
      try upload.insert(db)
    }
  }

  package func upload(_ id: String, projectID: String) async throws(StoreError) -> Upload? {
    try await read {
      try Upload.filter(Column("id") == id && Column("projectID") == projectID).fetchOne($0)
    }
  }

  package func insert(_ part: UploadPart) async throws(StoreError) {
    try await write { db in
      var part = part
      try part.insert(db)
    }
  }

  package func parts(of uploadID: String) async throws(StoreError) -> [UploadPart] {
    try await read {
      try UploadPart.filter(Column("uploadID") == uploadID).order(Column("sequence")).fetchAll($0)
    }
  }

  /// Moves an upload on, with the file that it has become: nothing happens unless it was pending.
  ///
  /// - Returns: whether it was.
  package func finish(_ upload: Upload, _ status: Upload.Status, file: StoredFile? = nil)
    async throws(StoreError) -> Bool
  {
    try await write { db in
      guard var current = try Upload.filter(Column("id") == upload.id).fetchOne(db),
        current.status == .pending
      else { return false }
      if var file {
        try file.insert(db)
        current.fileID = file.id
      }
      current.status = status
      try current.update(db)
      return true
    }
  }
}
