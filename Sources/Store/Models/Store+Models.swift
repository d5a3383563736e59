internal import GRDB

extension Store {
  package func insert(_ model: TunedModel) async throws(StoreError) {
    try await write { db in
      var model = model
      try model.insert(db, onConflict: .ignore)
    }
  }

  /// A model that a project may ask: its own, or a checkpoint that it was given leave for.
  package func model(_ id: String, projectID: String) async throws(StoreError) -> TunedModel? {
    try await read { db in
      guard let model = try TunedModel.filter(Column("id") == id && Column("deletedAt") == nil).fetchOne(db)
      else { return nil }
      if model.projectID == projectID { return model }
      let isPermitted =
        try CheckpointPermission.filter(Column("model") == id && Column("projectID") == projectID)
        .fetchCount(db) > 0
      return isPermitted ? model : nil
    }
  }

  /// All that a project may ask, newest first.
  package func models(projectID: String) async throws(StoreError) -> [TunedModel] {
    try await read { db in
      let permitted = try CheckpointPermission.filter(Column("projectID") == projectID).fetchAll(db).map(
        \.model)
      return try TunedModel.filter(
        Column("deletedAt") == nil && (Column("projectID") == projectID || permitted.contains(Column("id")))
      ).order(Column("sequence").desc).fetchAll(db)
    }
  }

  /// - Returns: whether there was one of this project.
  package func deleteModel(_ id: String, projectID: String) async throws(StoreError) -> Bool {
    try await write { db in
      try TunedModel.filter(
        Column("id") == id && Column("projectID") == projectID && Column("deletedAt") == nil
      ).updateAll(db, Column("deletedAt").set(to: UnixTime.now)) > 0
    }
  }
}
