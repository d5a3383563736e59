internal import Checkpoints
internal import Cluster
internal import Logging
internal import Records
package import Store

extension JobDesk {
  package func submit(_ order: JobOrder) async throws(JobFailure) -> Job {
    var order = order
    order.start = try await start(of: order)
    try check(order)
    var job = Job(
      id: order.id, projectID: order.projectID, shape: order.shape, name: order.name,
      request: JSONColumn(order.request), model: order.model, trainingFile: order.trainingFile,
      validationFile: order.validationFile, seed: order.seed ?? Int.random(in: 0..<(1 << 31)),
      metadata: order.metadata.map { JSONColumn($0) })
    job.waitingFor = "waits for its files to be checked"
    let events =
      [JobEvent(jobID: job.id, message: "Created fine-tuning job", source: "created")]
      + order.remarks.map { JobEvent(jobID: job.id, level: .warn, message: $0) }
    let stored: Job?
    do throws(StoreError) {
      stored = try await store.accept(
        job, work: JobWork(jobID: job.id, order: order.json), events: events, audit: order.audit)
    } catch {
      guard error.kind == .conflict else {
        throw JobFailure(error.kind == .missing ? .missing : .unusable, error.message)
      }
      throw JobFailure(
        .nameTaken, "there is a job of the name '\(order.name ?? order.id)' already; choose another")
    }
    guard let stored else { throw Self.quotaUsedUp }
    stir()
    return stored
  }

  /// The tuned model that an order goes on from; nil where it names a base, or nothing that is there.
  private func start(of order: JobOrder) async throws(JobFailure) -> JobOrder.Start? {
    guard surroundings.catalogue.entry(order.model) == nil else { return nil }
    do throws(StoreError) {
      guard let tuned = try await store.model(order.model, projectID: order.projectID) else { return nil }
      return JobOrder.Start(base: tuned.base, runFolder: tuned.runFolder, step: tuned.step)
    } catch { throw JobFailure(.unusable, error.message) }
  }

  /// What can be told at once.
  private func check(_ order: JobOrder) throws(JobFailure) {
    if surroundings.catalogue.entry(order.base) == nil {
      let offered = surroundings.catalogue.entries.map(\.name).joined(separator: ", ")
      throw JobFailure(
        .invalid(param: "model", code: "model_not_found"),
        order.start.map {
          "the model '\(order.model)' was tuned from '\($0.base)', which is not offered here any more; offered are \(offered)"
        }
          ?? "the model '\(order.model)' is not offered for fine-tuning; expected one of \(offered), or a tuned model of the project"
      )
    }
    if let seed = order.seed, seed < 0 {
      throw JobFailure(.invalid(param: "seed", code: nil), "seed is \(seed); expected 0 or more")
    }
    let problems = PlanResolver.problems(with: order.choices.overrides)
    if let first = problems.first {
      throw JobFailure(.invalid(param: first.path, code: nil), JobPreparation.text(problems))
    }
  }

  private static var quotaUsedUp: JobFailure {
    JobFailure(
      .quota,
      "the project has as many jobs waiting and running as it may have; wait for one to end, or cancel or pause one"
    )
  }

  package func pause(_ id: String) async throws(JobFailure) -> Job {
    let paused = JobChange(events: [JobEvent(jobID: id, message: "The job is paused")]) { job in
      guard job.status == .queued else { return false }
      job.status = .paused
      job.waitingFor = WaitingNotes.paused
      return true
    }
    let (job, isDone) = try await change(id, paused)
    if isDone || job.status == .paused { return job }
    try refuseIfFinal(job, "paused")
    let (marked, _) = try await change(
      id,
      JobChange { job in
        guard job.status == .running || job.status == .validatingFiles, job.wish == nil else { return false }
        job.wish = .pause
        return true
      })
    // It may have gone from checked to queued between the two.
    return marked.status == .queued ? try await pause(id) : marked
  }

  package func resume(_ id: String) async throws(JobFailure) -> Job {
    let job = try await existing(id)
    try refuseIfFinal(job, "resumed")
    guard job.status == .paused else {
      // On its way to a pause: not any more.
      return try await change(
        id,
        JobChange { job in
          guard job.wish == .pause else { return false }
          job.wish = nil
          return true
        }
      ).job
    }
    let event = JobEvent(jobID: id, message: "The job was resumed and waits for its turn")
    let resumed: Job?
    do throws(StoreError) {
      resumed = try await store.resume(id, as: job.plan == nil ? .validatingFiles : .queued, event: event)
    } catch { throw JobFailure(.unusable, error.message) }
    guard let resumed else { throw Self.quotaUsedUp }
    stir()
    return resumed
  }

  package func cancel(_ id: String) async throws(JobFailure) -> Job {
    let job = try await existing(id)
    // Clients that heard no answer ask again.
    if job.status == .cancelled { return job }
    try refuseIfFinal(job, "cancelled")
    if job.status == .paused, let order = try await order(of: job) {
      let run: RunFolder?
      do throws(StorageError) { run = try surroundings.folder(of: id).run() } catch {
        // What was made is to be kept. A run that is gone or broken has nothing that could be: the job ends all the same.
        guard error.kind != .inaccessible else {
          throw JobFailure(.unusable, "the job's run cannot be read at the moment; cancel it again later")
        }
        run = nil
      }
      let isCancelled: Bool
      do throws(StoreError) {
        isCancelled = try await Settlement(surroundings: surroundings, job: job, order: order).settle(
          .cancelled, run: run, where: { $0.status == .paused })
      } catch { throw JobFailure(.unusable, error.message) }
      // It may have been resumed between the two.
      return isCancelled ? try await existing(id) : try await cancel(id)
    }
    let (changed, _) = try await change(id, Self.cancellingWaiting(id))
    if changed.status.isFinal { return changed }
    let (marked, isMarked) = try await change(
      id,
      JobChange { job in
        guard job.status == .running else { return false }
        job.wish = .cancel
        return true
      })
    stir()
    // It may have come to rest, or to its end, between the two.
    guard isMarked else { return marked.status.isFinal ? marked : try await cancel(id) }
    // The worker is ended at once; most clients look at the answer only.
    let deadline = ContinuousClock.now + surroundings.settings.answerLimit
    var latest = marked
    while !latest.status.isFinal, ContinuousClock.now < deadline, isRunning {
      try? await Task.sleep(for: .milliseconds(25))
      latest = try await existing(id)
    }
    return latest
  }

  private static func cancellingWaiting(_ id: String) -> JobChange {
    JobChange(events: [JobEvent(jobID: id, message: "The job was cancelled", source: "end")]) { job in
      guard job.status == .validatingFiles || job.status == .queued else { return false }
      job.status = .cancelled
      job.wish = nil
      job.waitingFor = nil
      job.finishedAt = .now
      return true
    }
  }

  // MARK: Rows

  private func existing(_ id: String) async throws(JobFailure) -> Job {
    do throws(StoreError) {
      if let job = try await store.job(id) { return job }
    } catch { throw JobFailure(.unusable, error.message) }
    throw JobFailure(.missing, "there is no job \(id)")
  }

  private func order(of job: Job) async throws(JobFailure) -> JobOrder? {
    do throws(StoreError) {
      return try await store.work(of: job.id).flatMap {
        JobOrder(json: $0.order.value, request: job.request.value)
      }
    } catch { throw JobFailure(.unusable, error.message) }
  }

  private func change(_ id: String, _ change: JobChange) async throws(JobFailure) -> (job: Job, isDone: Bool)
  {
    do throws(StoreError) {
      if let result = try await store.apply(change, to: id) { return result }
    } catch { throw JobFailure(.unusable, error.message) }
    throw JobFailure(.missing, "there is no job \(id)")
  }

  private func refuseIfFinal(_ job: Job, _ done: String) throws(JobFailure) {
    guard job.status.isFinal else { return }
    throw JobFailure(.state, "the job \(job.id) has \(Self.words(job.status)) and can no longer be \(done)")
  }

  private static func words(_ status: Job.Status) -> String {
    switch status {
    case .succeeded: "succeeded"
    case .failed: "failed"
    case .cancelled: "been cancelled"
    case .validatingFiles, .queued, .running, .paused: "not ended"
    }
  }
}
