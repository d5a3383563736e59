import GRDB

extension Migrations {
  /// The addresses of webhooks and what is to be sent to them.
  ///
  /// A trigger fills the outbox: whoever ends a job, the messages are in the same transaction as its last status.
  static func createWebhooks(_ db: Database) throws {
    try table(db, "webhookEndpoint") { t in
      t.column("projectID", .text).notNull().indexed().references("project", column: "id")
      t.column("url", .text).notNull()
      t.column("events", .text).notNull()
      t.column("secret", .text).notNull()
      t.column("createdAt", .integer).notNull()
      t.column("disabledAt", .integer)
    }
    try table(db, "webhookDelivery") { t in
      t.column("endpointID", .text).notNull().indexed()
        .references("webhookEndpoint", column: "id", onDelete: .cascade)
      t.column("eventID", .text).notNull()
      t.column("type", .text).notNull()
      t.column("jobID", .text).notNull()
      t.column("createdAt", .integer).notNull()
      t.column("attempts", .integer).notNull()
      t.column("nextAttemptAt", .integer).indexed()
      t.column("deliveredAt", .integer)
      t.column("lastError", .text)
      t.uniqueKey(["endpointID", "eventID"], onConflict: .ignore)
    }
    try db.execute(
      sql: """
        CREATE TRIGGER jobEnded AFTER UPDATE OF status ON job
        WHEN NEW.status <> OLD.status AND NEW.status IN ('succeeded', 'failed', 'cancelled')
          AND NEW.shape = 'openai'
        BEGIN
          INSERT INTO webhookDelivery (id, endpointID, eventID, type, jobID, createdAt, attempts, nextAttemptAt)
          SELECT 'wh_' || lower(hex(randomblob(12))), id, 'evt_' || replace(NEW.id, 'ftjob-', ''),
            'fine_tuning.job.' || NEW.status, NEW.id, unixepoch(), 0, unixepoch()
          FROM webhookEndpoint
          WHERE projectID = NEW.projectID AND disabledAt IS NULL
            AND instr(' ' || events || ' ', ' fine_tuning.job.' || NEW.status || ' ') > 0;
        END
        """)
  }

  /// What was found in a file when it came.
  static func addFileDetails(_ db: Database) throws {
    try db.alter(table: "file") { $0.add(column: "statusDetails", .text) }
  }
}
