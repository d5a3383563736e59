import GRDB

extension Migrations {
  /// What Bedrock's API has and no other: names and ARNs of models that jobs make, deployments, tags, tokens, the
  /// logging of invocations, and whose a bucket is.
  static func createBedrock(_ db: Database) throws {
    try table(db, "customModel") { t in
      t.column("projectID", .text).notNull().indexed().references("project", column: "id")
      t.column("arn", .text).notNull().unique()
      t.column("name", .text).notNull()
      // No reference: the name is taken before the job is there.
      t.column("jobID", .text).notNull().unique()
      t.column("jobARN", .text).notNull().unique()
      t.column("baseModelARN", .text).notNull()
      t.column("foundationModelARN", .text).notNull()
      t.column("createdAt", .integer).notNull()
      t.column("deletedAt", .integer)
      t.column("outputsWrittenAt", .integer)
      t.column("outputAttempts", .integer).notNull()
    }
    try db.create(index: "customModelName", on: "customModel", columns: ["projectID", "name"])
    try table(db, "modelDeployment") { t in
      t.column("projectID", .text).notNull().indexed().references("project", column: "id")
      t.column("arn", .text).notNull().unique()
      t.column("name", .text).notNull()
      t.column("modelARN", .text).notNull()
      t.column("description", .text)
      t.column("createdAt", .integer).notNull()
      t.column("updatedAt", .integer).notNull()
      t.column("isUpdated", .boolean).notNull()
      t.column("deletedAt", .integer)
    }
    try db.create(
      index: "modelDeploymentName", on: "modelDeployment", columns: ["projectID", "name"], options: .unique,
      condition: Column("deletedAt") == nil)
    try db.create(table: "resourceTag") { t in
      t.column("projectID", .text).notNull()
      t.column("arn", .text).notNull()
      t.column("key", .text).notNull()
      t.column("value", .text).notNull()
      t.primaryKey(["projectID", "arn", "key"])
    }
    try db.create(table: "requestToken") { t in
      t.column("projectID", .text).notNull()
      t.column("operation", .text).notNull()
      t.column("token", .text).notNull()
      t.column("fingerprint", .text).notNull()
      t.column("subject", .text).notNull()
      t.column("createdAt", .integer).notNull()
      t.primaryKey(["projectID", "operation", "token"])
    }
    try db.create(table: "invocationLogging") { t in
      t.primaryKey("projectID", .text)
      t.column("configuration", .text).notNull()
    }
    try db.create(table: "bucketOwner") { t in
      t.primaryKey("bucket", .text)
      t.column("projectID", .text).notNull()
    }
  }

  /// Figures whose address does not take them are tried again, more and more seldom; those that were given up before
  /// are tried once more, too.
  static func addOutputTries(_ db: Database) throws {
    try db.alter(table: "customModel") { $0.add(column: "nextOutputsAt", .integer) }
  }
}
