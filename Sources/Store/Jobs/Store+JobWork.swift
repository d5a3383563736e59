internal import GRDB

extension Store {
  /// Accepts a job with its first events and who asked for it, unless the project has as many unfinished ones as it may
  /// have.
  ///
  /// - Returns: the job as it was stored; nil when the quota is used up.
  package func accept(
    _ job: Job, work: JobWork, events: [JobEvent], audit: AuditEntry? = nil
  ) async throws(StoreError) -> Job? {
    try await write { db in
      guard try Project.filter(Column("id") == job.projectID).fetchOne(db)?.archivedAt == nil else {
        throw StoreError(.missing, "the project was archived meanwhile")
      }
      guard try Self.hasRoom(db, projectID: job.projectID) else { return nil }
      var job = job
      try job.insert(db)
      try work.insert(db)
      for var event in events { try event.insert(db) }
      if var audit { try audit.insert(db) }
      return job
    }
  }

  /// Puts a paused job back to work, unless the quota is used up.
  ///
  /// - Returns: the job as it is now; nil when there is none, or no room.
  package func resume(_ id: String, as status: Job.Status, event: JobEvent) async throws(StoreError) -> Job? {
    try await write { db in
      guard var job = try Job.filter(Column("id") == id).fetchOne(db) else { return nil }
      guard job.status == .paused else { return job }
      guard try Self.hasRoom(db, projectID: job.projectID) else { return nil }
      job.status = status
      job.wish = nil
      job.waitingFor = nil
      try job.update(db)
      var event = event
      try event.insert(db)
      return job
    }
  }

  private static func hasRoom(_ db: Database, projectID: String) throws -> Bool {
    guard let limit = try Project.filter(Column("id") == projectID).fetchOne(db)?.maxRunningJobs else {
      return true
    }
    let states: [Job.Status] = [.validatingFiles, .queued, .running]
    return try Job.filter(
      Column("projectID") == projectID && states.map(\.rawValue).contains(Column("status"))
    ).fetchCount(db) < limit
  }

  package func work(of jobID: String) async throws(StoreError) -> JobWork? {
    try await read { try JobWork.filter(Column("jobID") == jobID).fetchOne($0) }
  }

  /// Makes a change true, all of it or nothing.
  ///
  /// - Returns: the job as it is now, and whether the change took place; nil when there is no such job.
  @discardableResult
  package func apply(_ change: JobChange, to jobID: String) async throws(StoreError) -> (
    job: Job, isDone: Bool
  )? {
    try await write { db in
      guard var job = try Job.filter(Column("id") == jobID).fetchOne(db) else { return nil }
      if let alter = change.job {
        guard alter(&job) else { return (job, false) }
        try job.update(db)
      }
      if let alter = change.work, var work = try JobWork.filter(Column("jobID") == jobID).fetchOne(db) {
        alter(&work)
        try work.update(db)
      }
      for step in change.withdrawn { try Self.withdraw(step, of: jobID, db) }
      for var offered in change.offered {
        try offered.checkpoint.insert(db, onConflict: .ignore)
        try offered.model.insert(db, onConflict: .ignore)
      }
      if var model = change.model { try model.insert(db, onConflict: .ignore) }
      if var file = change.file { try file.insert(db, onConflict: .ignore) }
      for var event in change.events { try event.insert(db, onConflict: .ignore) }
      return (job, true)
    }
  }

  private static func withdraw(_ step: Int, of jobID: String, _ db: Database) throws {
    let rows = JobCheckpoint.filter(Column("jobID") == jobID && Column("step") == step)
    guard let checkpoint = try rows.fetchOne(db) else { return }
    try CheckpointPermission.filter(Column("model") == checkpoint.model).deleteAll(db)
    try TunedModel.filter(Column("id") == checkpoint.model).deleteAll(db)
    try rows.deleteAll(db)
  }

  /// All checkpoints of a job, oldest first.
  package func checkpoints(of jobID: String) async throws(StoreError) -> [JobCheckpoint] {
    try await read {
      try JobCheckpoint.filter(Column("jobID") == jobID).order(Column("step")).fetchAll($0)
    }
  }

  /// Adds what was measured later to a checkpoint's metrics.
  package func setMetrics(_ metrics: JSONColumn, of jobID: String, step: Int) async throws(StoreError) {
    try await write {
      _ = try JobCheckpoint.filter(Column("jobID") == jobID && Column("step") == step)
        .updateAll($0, Column("metrics").set(to: metrics))
    }
  }

  /// What a job's events tell of already.
  package func eventSources(of jobID: String) async throws(StoreError) -> Set<String> {
    try await read {
      try Set(
        String.fetchAll(
          $0, sql: "SELECT source FROM jobEvent WHERE jobID = ? AND source IS NOT NULL", arguments: [jobID]))
    }
  }

  /// When each project last had a job started.
  package func lastStarts() async throws(StoreError) -> [String: UnixTime] {
    try await read { db in
      let rows = try Row.fetchAll(
        db,
        sql: "SELECT projectID, MAX(startedAt) AS at FROM job WHERE startedAt IS NOT NULL GROUP BY projectID")
      return Dictionary(uniqueKeysWithValues: rows.map { ($0["projectID"], $0["at"]) })
    }
  }
}
