internal import Foundation
package import GRDB

/// What the service knows: one SQLite file, written by one service, in WAL mode, so that backups and readers never wait.
///
/// Every method is one transaction. What a method has returned from is on disk.
package final class Store: Sendable {
  package let pool: DatabasePool

  /// Opens the file, makes it when it is missing, and brings its tables up to this version.
  package init(path: String) throws(StoreError) {
    var configuration = Configuration()
    configuration.busyMode = .timeout(10)
    configuration.foreignKeysEnabled = true
    configuration.prepareDatabase { db in
      // An accepted job must outlive the power supply, not only the process.
      try db.execute(sql: "PRAGMA synchronous = FULL")
    }
    do {
      pool = try DatabasePool(path: path, configuration: configuration)
      try Migrations.all.migrate(pool)
    } catch {
      throw StoreError(.unusable, "the store \(path) cannot be opened: \(error)")
    }
  }

  /// Runs a transaction, with GRDB's errors in our words.
  package func write<Value: Sendable>(_ body: @Sendable @escaping (Database) throws -> Value)
    async throws(StoreError) -> Value
  {
    do { return try await pool.write(body) } catch { throw StoreError(error) }
  }

  package func read<Value: Sendable>(_ body: @Sendable @escaping (Database) throws -> Value)
    async throws(StoreError) -> Value
  {
    do { return try await pool.read(body) } catch { throw StoreError(error) }
  }

  /// What SQLite's own check finds wrong; empty when all is well.
  package func integrityProblems() async throws(StoreError) -> [String] {
    try await read { db in
      try String.fetchAll(db, sql: "PRAGMA integrity_check").filter { $0 != "ok" }
        + Row.fetchAll(db, sql: "PRAGMA foreign_key_check").map { "foreign key: \($0)" }
    }
  }

  /// Writes a whole, consistent copy while the store is in use.
  package func backUp(to path: String) async throws(StoreError) {
    do {
      let copy = try DatabaseQueue(path: path)
      try pool.backup(to: copy)
      try copy.close()
    } catch { throw StoreError(error) }
  }
}
