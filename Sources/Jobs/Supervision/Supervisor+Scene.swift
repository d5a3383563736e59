internal import Checkpoints
internal import Cluster
internal import Records
internal import Store

extension Supervisor {
  /// The job's fixed facts while it is supervised.
  struct Scene: Sendable {
    let surroundings: JobSurroundings
    let job: Job
    let order: JobOrder
    let plan: Plan
    let run: RunFolder
    let offers: CheckpointOffers

    /// Makes the run folder when there is none; nil for a job that is not to run.
    init?(_ supervisor: Supervisor) async throws {
      let store = supervisor.store
      guard var job = try await store.job(supervisor.jobID), job.status == .running else { return nil }
      guard let work = try await store.work(of: job.id),
        let order = JobOrder(json: work.order.value, request: job.request.value),
        let plan = job.plan.flatMap({ Plan(column: $0) })
      else {
        try await store.failUnreadable(job.id)
        return nil
      }
      surroundings = supervisor.surroundings
      let folder = surroundings.folder(of: job.id)
      if job.runFolder != nil, try folder.run() == nil {
        // To begin anew would be another run under the old one's events.
        try await Settlement(surroundings: surroundings, job: job, order: order).settle(
          .failed(
            code: "storage_error",
            message:
              "the job's run is gone from the server's disk, and its checkpoints with it; send the job again",
            param: nil), run: nil)
        return nil
      }
      let run = try folder.run(plan)
      if job.runFolder != run.path {
        job =
          try await store.change(job.id) {
            $0.runFolder = run.path
            return true
          } ?? job
      }
      self.run = run
      // What the run was made with, and nothing else.
      self.plan = try run.plan()
      let project = try await store.project(job.projectID)?.name ?? job.projectID
      offers = CheckpointOffers(
        job: job, base: surroundings.catalogue.entry(order.base)?.name ?? order.base,
        names: JobNames(order, project: project), run: run, plan: self.plan)
      self.job = job
      self.order = order
    }

    var narrator: RunNarrator {
      RunNarrator(
        job: job, plan: plan, run: run,
        privatePaths: [run.path, surroundings.folder(of: job.id).path, surroundings.settings.folder])
    }

    /// - Returns: whether it took place, which it does only while `isRight` holds of the job.
    @discardableResult
    func settle(
      _ ending: Settlement.Ending, events: [JobEvent] = [],
      where isRight: @escaping @Sendable (Job) -> Bool = { _ in true }
    ) async throws -> Bool {
      try await Settlement(surroundings: surroundings, job: job, order: order)
        .settle(ending, run: run, events: events, where: isRight)
    }
  }
}

extension Plan {
  /// As `Job.plan` has it: the grader with its keys in order.
  var column: JSONColumn? {
    guard let text = try? WorkerLine.encode(self), var object = (try? JSONValue(parsing: text))?.object else {
      return nil
    }
    object["grader"] = grader
    return JSONColumn(.object(object))
  }

  init?(column: JSONColumn) {
    let text = Array(column.value.serialised().utf8)
    guard var plan = try? WorkerLine.decode(Plan.self, from: text) else { return nil }
    if let grader = column.value["grader"] { plan.grader = grader }
    self = plan
  }
}
