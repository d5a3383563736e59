internal import Cluster
internal import Logging
internal import Records
internal import Store

extension JobDesk {
  /// Checks files and grader, makes the plan, and puts the job into the queue; or fails it. Done again from the start
  /// where the service ended in between.
  func prepare(_ job: Job) async throws {
    // The list that named it may be older than the end of an earlier check.
    guard try await store.job(job.id)?.status == .validatingFiles else { return }
    guard let work = try await store.work(of: job.id),
      let order = JobOrder(json: work.order.value, request: job.request.value)
    else { return try await store.failUnreadable(job.id) }
    let folder = surroundings.folder(of: job.id)
    try folder.make()
    let label = job.trainingFile ?? order.trainingPath.split(separator: "/").last.map(String.init) ?? "rows"
    try await store.insert([
      JobEvent(jobID: job.id, message: "Validating training file: \(label)", source: "validating")
    ])
    let preparation = JobPreparation(
      order: order, seed: job.seed, catalogue: surroundings.catalogue, folder: folder,
      graders: surroundings.graders(order.projectID))
    switch await offPool({ preparation.prepare() }) {
    case .success(let ready): try await enqueue(job, ready)
    case .failure(let refusal):
      try await Settlement(surroundings: surroundings, job: job, order: order).settle(
        .failed(code: refusal.code, message: refusal.message, param: refusal.param), run: nil)
    }
  }

  private func enqueue(_ job: Job, _ ready: JobPreparation.Ready) async throws {
    func event(_ text: String, _ level: JobEvent.Level = .info, source: String) -> JobEvent {
      JobEvent(jobID: job.id, level: level, message: text, source: source)
    }
    var events = ready.warnings.enumerated().map { event($1, .warn, source: "prepared \($0)") }
    events.append(event("Files validated, moving job to queued state", source: "validated"))
    let plan = ready.tuning.plan.column
    let resolved = JSONColumn(ready.tuning.resolved)
    let bytes = ready.forecastBytes
    let isToRest = try await store.job(job.id)?.wish == .pause
    if isToRest { events.append(event("The job is paused", source: "paused before its start")) }
    try await store.apply(
      JobChange(events: events) { job in
        guard job.status == .validatingFiles else { return false }
        job.plan = plan
        job.resolved = resolved
        job.forecastBytes = bytes
        job.status = job.wish == .pause ? .paused : .queued
        job.waitingFor = job.wish == .pause ? WaitingNotes.paused : WaitingNotes.queued
        job.wish = nil
        return true
      }, to: job.id)
  }
}
