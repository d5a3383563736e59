import GRDB

/// The tables, version by version. A migration that was released is never changed: later ones change its tables.
enum Migrations {
  static var all: DatabaseMigrator {
    var migrator = DatabaseMigrator()
    migrator.registerMigration("accounts", migrate: createAccounts)
    migrator.registerMigration("files", migrate: createFiles)
    migrator.registerMigration("jobs", migrate: createJobs)
    migrator.registerMigration("models", migrate: createModels)
    migrator.registerMigration("webhooks", migrate: createWebhooks)
    migrator.registerMigration("file details", migrate: addFileDetails)
    migrator.registerMigration("jobWork", migrate: JobWork.createTable)
    migrator.registerMigration("bedrock", migrate: createBedrock)
    migrator.registerMigration("departures", migrate: createDepartures)
    migrator.registerMigration("output tries", migrate: addOutputTries)
    return migrator
  }

  /// A table whose rows have a public id and an order of arrival.
  static func table(
    _ db: Database, _ name: String, _ columns: (TableDefinition) throws -> Void
  ) throws {
    try db.create(table: name) { table in
      table.autoIncrementedPrimaryKey("sequence")
      table.column("id", .text).notNull().unique()
      try columns(table)
    }
  }

  private static func createAccounts(_ db: Database) throws {
    try table(db, "project") { t in
      t.column("name", .text).notNull().unique()
      t.column("createdAt", .integer).notNull()
      t.column("archivedAt", .integer)
      t.column("maxRunningJobs", .integer)
      t.column("maxStorageBytes", .integer)
      t.column("maxTokensPerDay", .integer)
    }
    try table(db, "apiKey") { t in
      t.column("projectID", .text).notNull().indexed().references("project", column: "id")
      t.column("name", .text).notNull()
      t.column("hint", .text).notNull()
      t.column("hash", .text).notNull().unique()
      t.column("accessKeyID", .text).notNull().unique()
      t.column("scopes", .text).notNull()
      t.column("createdAt", .integer).notNull()
      t.column("expiresAt", .integer)
      t.column("revokedAt", .integer)
      t.column("lastUsedAt", .integer)
      t.column("requestsPerMinute", .integer)
    }
    try db.create(table: "auditEntry") { t in
      t.autoIncrementedPrimaryKey("sequence")
      t.column("at", .integer).notNull()
      t.column("projectID", .text).indexed()
      t.column("keyID", .text)
      t.column("requestID", .text)
      t.column("action", .text).notNull()
      t.column("subject", .text).notNull()
      t.column("details", .text)
    }
    try db.create(table: "usage") { t in
      t.column("projectID", .text).notNull()
      t.column("day", .integer).notNull()
      t.column("requests", .integer).notNull()
      t.column("promptTokens", .integer).notNull()
      t.column("cachedTokens", .integer).notNull()
      t.column("completionTokens", .integer).notNull()
      t.primaryKey(["projectID", "day"])
    }
  }

  private static func createFiles(_ db: Database) throws {
    try table(db, "file") { t in
      t.column("projectID", .text).notNull().indexed().references("project", column: "id")
      t.column("filename", .text).notNull()
      t.column("bytes", .integer).notNull()
      t.column("purpose", .text).notNull()
      t.column("sha256", .text).notNull()
      t.column("createdAt", .integer).notNull()
      t.column("expiresAt", .integer).indexed()
    }
    try table(db, "upload") { t in
      t.column("projectID", .text).notNull().indexed().references("project", column: "id")
      t.column("filename", .text).notNull()
      t.column("purpose", .text).notNull()
      t.column("mimeType", .text).notNull()
      t.column("bytes", .integer).notNull()
      t.column("createdAt", .integer).notNull()
      t.column("expiresAt", .integer).notNull()
      t.column("fileLifetime", .integer)
      t.column("status", .text).notNull()
      t.column("fileID", .text)
    }
    try table(db, "uploadPart") { t in
      t.column("uploadID", .text).notNull().indexed().references("upload", column: "id", onDelete: .cascade)
      t.column("bytes", .integer).notNull()
      t.column("createdAt", .integer).notNull()
    }
  }

  private static func createJobs(_ db: Database) throws {
    try table(db, "job") { t in
      t.column("projectID", .text).notNull().indexed().references("project", column: "id")
      t.column("shape", .text).notNull()
      t.column("name", .text)
      t.column("status", .text).notNull().indexed()
      t.column("wish", .text)
      t.column("waitingFor", .text)
      t.column("request", .text).notNull()
      t.column("plan", .text)
      t.column("model", .text).notNull()
      t.column("trainingFile", .text)
      t.column("validationFile", .text)
      t.column("seed", .integer).notNull()
      t.column("metadata", .text)
      t.column("resolved", .text)
      t.column("createdAt", .integer).notNull()
      t.column("startedAt", .integer)
      t.column("finishedAt", .integer)
      t.column("estimatedFinish", .integer)
      t.column("runFolder", .text)
      t.column("forecastBytes", .integer)
      t.column("attempts", .integer).notNull()
      t.column("tunedModel", .text)
      t.column("trainedTokens", .integer)
      t.column("resultFile", .text)
      t.column("errorCode", .text)
      t.column("errorMessage", .text)
      t.column("errorParam", .text)
    }
    try db.create(
      index: "jobName", on: "job", columns: ["projectID", "shape", "name"], options: .unique,
      condition: Column("name") != nil)
    try table(db, "jobEvent") { t in
      t.column("jobID", .text).notNull().indexed().references("job", column: "id", onDelete: .cascade)
      t.column("createdAt", .integer).notNull()
      t.column("level", .text).notNull()
      t.column("kind", .text).notNull()
      t.column("message", .text).notNull()
      t.column("data", .text)
      // What the event tells of, so that a supervisor that reads a run again does not tell it twice.
      t.column("source", .text)
      t.uniqueKey(["jobID", "source"], onConflict: .ignore)
    }
    try table(db, "jobCheckpoint") { t in
      t.column("jobID", .text).notNull().indexed().references("job", column: "id", onDelete: .cascade)
      t.column("step", .integer).notNull()
      t.column("model", .text).notNull().unique()
      t.column("metrics", .text).notNull()
      t.column("createdAt", .integer).notNull()
      t.uniqueKey(["jobID", "step"])
    }
    try table(db, "checkpointPermission") { t in
      t.column("model", .text).notNull().indexed()
      t.column("projectID", .text).notNull().references("project", column: "id")
      t.column("createdAt", .integer).notNull()
      t.uniqueKey(["model", "projectID"])
    }
  }

  private static func createModels(_ db: Database) throws {
    try table(db, "model") { t in
      t.column("projectID", .text).notNull().indexed().references("project", column: "id")
      t.column("base", .text).notNull()
      t.column("jobID", .text)
      t.column("runFolder", .text).notNull()
      t.column("step", .integer)
      t.column("createdAt", .integer).notNull()
      t.column("deletedAt", .integer)
    }
  }
}
