internal import GRDB

/// For those who look after a service.
extension Store {
  /// How many jobs are in each state, over all projects.
  package func jobCounts() async throws(StoreError) -> [Job.Status: Int] {
    try await read { db in
      var counts: [Job.Status: Int] = [:]
      for row in try Row.fetchAll(db, sql: "SELECT status, COUNT(*) AS count FROM job GROUP BY status") {
        guard let status = Job.Status(rawValue: row["status"]) else { continue }
        counts[status] = row["count"]
      }
      return counts
    }
  }

  /// Times that a worker was started again for a job, over all jobs.
  package func jobRestarts() async throws(StoreError) -> Int {
    try await read {
      try Int.fetchOne($0, sql: "SELECT COALESCE(SUM(MAX(attempts - 1, 0)), 0) FROM job") ?? 0
    }
  }

  /// Bytes of all files, over all projects.
  package func storedBytes() async throws(StoreError) -> Int {
    try await read { try Int.fetchOne($0, sql: "SELECT COALESCE(SUM(bytes), 0) FROM file") ?? 0 }
  }

  /// Every file's id, size and SHA-256, for those who verify a copy.
  package func allFiles() async throws(StoreError) -> [StoredFile] {
    try await read { try StoredFile.order(Column("sequence")).fetchAll($0) }
  }

  /// Removes what the audit log has from before a moment.
  package func forgetAudit(before moment: UnixTime) async throws(StoreError) {
    try await write { try $0.execute(sql: "DELETE FROM auditEntry WHERE at < ?", arguments: [moment]) }
  }

  /// Throws when nothing can be written.
  package func checkWritable() async throws(StoreError) {
    try await write { try $0.execute(sql: "PRAGMA user_version = 0") }
  }

  /// The job whose run has a folder.
  package func job(runFolder: String) async throws(StoreError) -> Job? {
    try await read { try Job.filter(Column("runFolder") == runFolder).fetchOne($0) }
  }

  // MARK: Copies

  /// Takes away the rows of files that are not there.
  package func removeFiles(_ ids: [String]) async throws(StoreError) {
    try await write { db in _ = try StoredFile.filter(ids.contains(Column("id"))).deleteAll(db) }
  }

  /// Forgets which workers are at work: none is in a copy.
  package func forgetLaunches() async throws(StoreError) {
    try await write { try $0.execute(sql: "UPDATE jobWork SET launch = NULL") }
  }

  /// Points everything that lies below one folder to another, where all of it was moved.
  package func movePaths(from old: String, to new: String) async throws(StoreError) {
    guard old != new else { return }
    try await write { db in
      for table in ["job", "model"] {
        try db.execute(
          sql: "UPDATE \(table) SET runFolder = ? || substr(runFolder, ?) WHERE substr(runFolder, 1, ?) = ?",
          arguments: [new + "/", old.count + 2, old.count + 1, old + "/"])
      }
      try db.execute(
        sql: "UPDATE job SET plan = replace(plan, ?, ?) WHERE plan IS NOT NULL",
        arguments: ["\"\(old)/", "\"\(new)/"])
      try db.execute(
        sql: "UPDATE jobWork SET \"order\" = replace(\"order\", ?, ?)",
        arguments: ["\"\(old)/", "\"\(new)/"])
    }
  }

  /// Lets go of the file; the store is of no use afterwards.
  package func close() throws(StoreError) {
    do { try pool.close() } catch { throw StoreError(error) }
  }
}
