package import GRDB

extension Store {
  /// Accepts a job: with its first events, or not at all.
  package func insert(_ job: Job, events: [JobEvent] = []) async throws(StoreError) {
    try await write { db in
      var job = job
      try job.insert(db)
      for var event in events { try event.insert(db) }
    }
  }

  package func job(_ id: String) async throws(StoreError) -> Job? {
    try await read { try Job.filter(Column("id") == id).fetchOne($0) }
  }

  package func job(_ id: String, projectID: String) async throws(StoreError) -> Job? {
    try await read { try Job.filter(Column("id") == id && Column("projectID") == projectID).fetchOne($0) }
  }

  package func job(named name: String, shape: Job.Shape, projectID: String) async throws(StoreError) -> Job? {
    try await read {
      try Job.filter(
        Column("name") == name && Column("shape") == shape.rawValue && Column("projectID") == projectID
      ).fetchOne($0)
    }
  }

  /// Jobs of a project that pass a filter, newest first.
  package func jobs(
    projectID: String, shape: Job.Shape, _ page: PageRequest,
    where filter: (@Sendable (QueryInterfaceRequest<Job>) -> QueryInterfaceRequest<Job>)? = nil
  ) async throws(StoreError) -> Page<Job> {
    try await read { db in
      let mine = Job.filter(Column("projectID") == projectID && Column("shape") == shape.rawValue)
      return try Job.page(db, page, of: mine, owner: projectID) { filter?($0) ?? $0 }
    }
  }

  /// All jobs in some states, oldest first.
  package func jobs(in states: [Job.Status]) async throws(StoreError) -> [Job] {
    try await read {
      try Job.filter(states.map(\.rawValue).contains(Column("status"))).order(Column("sequence")).fetchAll($0)
    }
  }

  /// Changes a job and tells of it, in one transaction: `change` sees it as it stands, and nil leaves it alone.
  ///
  /// - Returns: the job as it is now, or nil when there is none.
  @discardableResult
  package func change(
    _ id: String, events: @Sendable @escaping (Job) -> [JobEvent] = { _ in [] },
    _ change: @Sendable @escaping (inout Job) throws -> Bool
  ) async throws(StoreError) -> Job? {
    try await write { db in
      guard var job = try Job.filter(Column("id") == id).fetchOne(db) else { return nil }
      guard try change(&job) else { return job }
      try job.update(db)
      for var event in events(job) { try event.insert(db, onConflict: .ignore) }
      return job
    }
  }

  // MARK: Events and checkpoints

  package func insert(_ events: [JobEvent]) async throws(StoreError) {
    try await write { db in
      for var event in events { try event.insert(db, onConflict: .ignore) }
    }
  }

  package func events(of jobID: String, _ page: PageRequest) async throws(StoreError) -> Page<JobEvent> {
    try await read {
      try JobEvent.page($0, page, of: JobEvent.filter(Column("jobID") == jobID), owner: jobID)
    }
  }

  /// Adds a checkpoint and the model that it is; one that is known already is left as it is.
  package func insert(_ checkpoint: JobCheckpoint, model: TunedModel) async throws(StoreError) {
    try await write { db in
      var checkpoint = checkpoint
      var model = model
      try checkpoint.insert(db, onConflict: .ignore)
      try model.insert(db, onConflict: .ignore)
    }
  }

  package func checkpoints(of jobID: String, _ page: PageRequest) async throws(StoreError)
    -> Page<JobCheckpoint>
  {
    try await read {
      try JobCheckpoint.page($0, page, of: JobCheckpoint.filter(Column("jobID") == jobID), owner: jobID)
    }
  }

  package func checkpoint(model: String) async throws(StoreError) -> JobCheckpoint? {
    try await read { try JobCheckpoint.filter(Column("model") == model).fetchOne($0) }
  }

  // MARK: Permissions

  /// Those of the projects, made where they are missing.
  package func permit(model: String, projectIDs: [String]) async throws(StoreError) -> [CheckpointPermission]
  {
    try await write { db in
      for project in projectIDs {
        var permission = CheckpointPermission(model: model, projectID: project)
        try permission.insert(db, onConflict: .ignore)
      }
      return try CheckpointPermission.filter(
        Column("model") == model && projectIDs.contains(Column("projectID"))
      ).fetchAll(db)
    }
  }

  package func permissions(model: String, projectID: String?, _ page: PageRequest) async throws(StoreError)
    -> Page<CheckpointPermission>
  {
    try await read { db in
      let all = CheckpointPermission.filter(Column("model") == model)
      return try CheckpointPermission.page(db, page, of: all, owner: model) { all in
        projectID.map { all.filter(Column("projectID") == $0) } ?? all
      }
    }
  }

  package func deletePermission(_ id: String, model: String) async throws(StoreError) -> Bool {
    try await write {
      try CheckpointPermission.filter(Column("id") == id && Column("model") == model).deleteAll($0) > 0
    }
  }
}
