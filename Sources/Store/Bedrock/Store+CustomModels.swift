internal import GRDB

/// What became of a wish to make something under a client's token.
package enum Reservation: Sendable, Hashable {
  case made
  /// The same request came before, and made this.
  case repeated(subject: String)
}

extension Store {
  /// Takes a model's name and a request's token for a job that is about to be made, in one step.
  ///
  /// Throws `conflict` where the name belongs to a model, or the token to another request.
  package func reserve(_ model: CustomModel, token: RequestToken?) async throws(StoreError) -> Reservation {
    try await write { db in
      if let token, let known = try Self.known(token, db) { return .repeated(subject: known.subject) }
      // A name is free again when its job has ended without a model. A row without a job is a request under way, or one
      // that died on its way.
      let taken = try Bool.fetchOne(
        db,
        sql: """
          SELECT EXISTS (
            SELECT 1 FROM customModel AS m LEFT JOIN job AS j ON j.id = m.jobID
            WHERE m.projectID = ? AND m.name = ? AND m.deletedAt IS NULL AND (
              j.tunedModel IS NOT NULL OR j.status NOT IN ('succeeded', 'failed', 'cancelled')
              OR (j.id IS NULL AND m.createdAt > ?)))
          """, arguments: [model.projectID, model.name, UnixTime.now - 120])
      if taken == true {
        throw StoreError(.conflict, "there is a custom model named '\(model.name)'; take another name")
      }
      var model = model
      try model.insert(db)
      try token?.insert(db)
      return .made
    }
  }

  /// Gives back what `reserve` took, when no job came of it.
  package func release(_ model: CustomModel) async throws(StoreError) {
    try await write { db in
      try CustomModel.filter(Column("id") == model.id).deleteAll(db)
      try RequestToken.filter(Column("subject") == model.id && Column("projectID") == model.projectID)
        .deleteAll(db)
    }
  }

  static func known(_ token: RequestToken, _ db: Database) throws -> RequestToken? {
    guard
      let known = try RequestToken.filter(
        Column("projectID") == token.projectID && Column("operation") == token.operation
          && Column("token") == token.token
      ).fetchOne(db)
    else { return nil }
    guard known.fingerprint == token.fingerprint else {
      throw StoreError(
        .conflict,
        "the clientRequestToken '\(token.token)' came with another request before; take another token")
    }
    return known
  }

  /// The custom model of a job, whatever state the job is in.
  package func customModel(jobID: String) async throws(StoreError) -> CustomModel? {
    try await read { try CustomModel.filter(Column("jobID") == jobID).fetchOne($0) }
  }

  package func customModels(jobIDs: [String]) async throws(StoreError) -> [String: CustomModel] {
    try await read { db in
      let models = try CustomModel.filter(jobIDs.contains(Column("jobID"))).fetchAll(db)
      return Dictionary(models.map { ($0.jobID, $0) }) { first, _ in first }
    }
  }

  package func customModel(id: String, projectID: String) async throws(StoreError) -> CustomModel? {
    try await read {
      try CustomModel.filter(Column("id") == id && Column("projectID") == projectID).fetchOne($0)
    }
  }

  /// A model that can be asked, by name or ARN.
  package func customModelEntry(_ nameOrARN: String, projectID: String) async throws(StoreError)
    -> CustomModelEntry?
  {
    try await read { db in
      let column = nameOrARN.hasPrefix("arn:") ? Column("arn") : Column("name")
      guard
        let model = try Self.finished(CustomModel.filter(Column("projectID") == projectID))
          .filter(column == nameOrARN).order(Column("sequence").desc).fetchOne(db)
      else { return nil }
      return try Self.entry(model, db)
    }
  }

  /// Models that can be asked.
  ///
  /// - Parameter base: the ARN of the model that they were tuned from; `foundation` the one at the bottom.
  package func customModelEntries(
    projectID: String, filter: ListFilter, base: String?, foundation: String?, _ page: PageRequest
  ) async throws(StoreError) -> Page<CustomModelEntry> {
    try await read { db in
      let mine = CustomModel.filter(Column("projectID") == projectID)
      let models = try CustomModel.page(db, page, of: mine, owner: projectID) { mine in
        var query = filter.applied(to: Self.finished(mine))
        if let base { query = query.filter(Column("baseModelARN") == base) }
        if let foundation { query = query.filter(Column("foundationModelARN") == foundation) }
        return query
      }
      return Page(items: try models.items.compactMap { try Self.entry($0, db) }, hasMore: models.hasMore)
    }
  }

  /// - Returns: whether there was one.
  package func deleteCustomModel(_ model: CustomModel) async throws(StoreError) -> Bool {
    try await write { db in
      try db.execute(
        sql: "UPDATE model SET deletedAt = ? WHERE id = (SELECT tunedModel FROM job WHERE id = ?)",
        arguments: [UnixTime.now, model.jobID])
      try db.execute(
        sql: "DELETE FROM resourceTag WHERE projectID = ? AND arn = ?",
        arguments: [model.projectID, model.arn])
      return try CustomModel.filter(Column("id") == model.id && Column("deletedAt") == nil)
        .updateAll(db, Column("deletedAt").set(to: UnixTime.now)) > 0
    }
  }

  private static func finished(_ models: QueryInterfaceRequest<CustomModel>)
    -> QueryInterfaceRequest<CustomModel>
  {
    models.filter(Column("deletedAt") == nil).filter(
      sql: """
        EXISTS (SELECT 1 FROM job WHERE job.id = customModel.jobID AND job.tunedModel IS NOT NULL
          AND job.status IN ('succeeded', 'failed', 'cancelled'))
        """)
  }

  private static func entry(_ model: CustomModel, _ db: Database) throws -> CustomModelEntry? {
    try Job.filter(Column("id") == model.jobID).fetchOne(db).map { CustomModelEntry(model: model, job: $0) }
  }

  // MARK: Outputs

  /// Jobs that have ended, whose figures are not where they were told to put them, and that are due for a try.
  package func jobsWithoutOutputs(limit: Int, attempts: Int, at moment: UnixTime) async throws(StoreError)
    -> [CustomModelEntry]
  {
    try await read { db in
      try CustomModel.filter(Column("outputsWrittenAt") == nil && Column("outputAttempts") < attempts)
        .filter(Column("nextOutputsAt") == nil || Column("nextOutputsAt") <= moment)
        .filter(
          sql: """
            EXISTS (SELECT 1 FROM job WHERE job.id = customModel.jobID
              AND job.status IN ('succeeded', 'failed', 'cancelled'))
            """
        ).order(Column("sequence")).limit(limit).fetchAll(db).compactMap { try Self.entry($0, db) }
    }
  }

  package func noteOutputs(of modelID: String) async throws(StoreError) {
    try await write {
      _ = try CustomModel.filter(Column("id") == modelID)
        .updateAll($0, Column("outputsWrittenAt").set(to: UnixTime.now))
    }
  }

  /// Counts an attempt that failed.
  ///
  /// - Parameter next: when there is to be another one.
  package func noteOutputsFailed(of modelID: String, next: UnixTime) async throws(StoreError) {
    try await write {
      _ = try CustomModel.filter(Column("id") == modelID).updateAll(
        $0, Column("outputAttempts").set(to: Column("outputAttempts") + 1),
        Column("nextOutputsAt").set(to: next))
    }
  }

  /// The ids of models whose jobs have not ended.
  package func modelsInTheMaking() async throws(StoreError) -> Set<String> {
    try await read {
      try Set(
        String.fetchAll(
          $0,
          sql: """
            SELECT m.id FROM customModel AS m JOIN job AS j ON j.id = m.jobID
            WHERE j.status NOT IN ('succeeded', 'failed', 'cancelled')
            """))
    }
  }
}
