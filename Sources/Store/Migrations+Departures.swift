import GRDB

extension Migrations {
  /// Where rows stood that are deleted without a trace: a client that deletes what it lists goes on after one of them.
  static func createDepartures(_ db: Database) throws {
    try db.create(table: "departure") { t in
      t.primaryKey("id", .text)
      t.column("list", .text).notNull()
      t.column("owner", .text).notNull()
      t.column("sequence", .integer).notNull()
    }
    for (list, owner) in [
      ("file", "projectID"), ("webhookEndpoint", "projectID"), ("checkpointPermission", "model"),
      ("jobCheckpoint", "jobID"),
    ] {
      try db.execute(
        sql: """
          CREATE TRIGGER \(list)Departed AFTER DELETE ON \(list) BEGIN
            INSERT OR REPLACE INTO departure (id, list, owner, sequence)
            VALUES (OLD.id, '\(list)', OLD.\(owner), OLD.sequence);
          END
          """)
    }
  }
}
