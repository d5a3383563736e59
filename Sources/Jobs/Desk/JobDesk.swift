internal import Cluster
internal import Foundation
internal import Logging
internal import Records
internal import Store

/// Takes jobs and carries them out. What it knows is in the store: methods change rows, and `run` acts on them.
///
/// The methods work whether or not `run` does; then nothing but the rows changes until it does.
package actor JobDesk: JobManaging {
  let surroundings: JobSurroundings
  private var queue = TurnQueue()
  private var notes = WaitingNotes()
  private var preparing: Set<String> = []
  /// When each project last had a job's files checked; only the order counts.
  private var lastChecks: [String: Int] = [:]
  /// Jobs that have a supervisor.
  private var supervised: Set<String> = []
  /// Jobs whose supervisor met an error of store or disk, and when another may try.
  private var resting: [String: ContinuousClock.Instant] = [:]
  /// Wakes `run`; nil while it does not run.
  private var wake: AsyncStream<Void>.Continuation?

  var store: Store { surroundings.store }
  private var settings: JobSettings { surroundings.settings }

  package init(_ surroundings: JobSurroundings) { self.surroundings = surroundings }

  var isRunning: Bool { wake != nil }

  /// Something may be to do.
  func stir() { wake?.yield() }

  // MARK: Carrying out

  /// Carries jobs out until the task is cancelled; then it returns in good order, with workers left running or not as the
  /// settings say.
  ///
  /// - Throws: `JobFailure` when another service has the folder, or the store cannot be read at the start.
  package func run() async throws(JobFailure) {
    let lock = try FolderLock(settings.folder)
    do throws(StoreError) {
      queue = TurnQueue(lastTurns: try await store.lastStarts())
    } catch {
      // Ended before it began.
      if Task.isCancelled { return }
      throw JobFailure(.unusable, error.message)
    }
    let (wakes, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    self.wake = wake
    await withDiscardingTaskGroup { group in
      // Timers are for what no call announces: a store that was in trouble, a quota that was raised.
      group.addTask {
        while !Task.isCancelled {
          wake.yield()
          try? await Task.sleep(for: .seconds(5))
        }
        wake.yield()
      }
      for await _ in wakes {
        if Task.isCancelled { break }
        await look(&group)
      }
      group.cancelAll()
    }
    self.wake = nil
    withExtendedLifetime(lock) {}
  }

  private func look(_ group: inout DiscardingTaskGroup) async {
    do {
      let jobs = try await store.jobs(in: [.validatingFiles, .queued, .running])
      let running = jobs.filter { $0.status == .running }
      for job in running { supervise(job, &group) }
      let unchecked = jobs.filter { $0.status == .validatingFiles }
      prepare(unchecked, &group)
      try await schedule(
        jobs.filter { $0.status == .queued }, behind: unchecked, beside: running, &group)
    } catch {
      // The store refuses cancelled tasks; that is the end of the service and no trouble.
      guard !Task.isCancelled else { return }
      surroundings.logger.error("jobs: the store could not be used, trying again: \(error)")
    }
  }

  /// Projects take turns here, too.
  private func prepare(_ jobs: [Job], _ group: inout DiscardingTaskGroup) {
    var left = jobs.filter { !preparing.contains($0.id) }
    func turn(_ job: Job) -> (Int, Int64) { (lastChecks[job.projectID] ?? 0, job.sequence ?? 0) }
    // Files are read whole: not many at once.
    while preparing.count < 2, let job = left.min(by: { turn($0) < turn($1) }) {
      left.removeAll { $0.id == job.id }
      preparing.insert(job.id)
      lastChecks[job.projectID] = (lastChecks.values.max() ?? 0) + 1
      group.addTask { await self.carryOut(preparationOf: job) }
    }
  }

  private func carryOut(preparationOf job: Job) async {
    do {
      try await prepare(job)
    } catch {
      if !Task.isCancelled {
        surroundings.logger.error("job \(job.id) could not be prepared: \(error)")
        try? await Task.sleep(for: .seconds(1))
      }
    }
    preparing.remove(job.id)
    stir()
  }

  private func supervise(_ job: Job, _ group: inout DiscardingTaskGroup) {
    if let rest = resting[job.id], rest > .now { return }
    guard supervised.insert(job.id).inserted else { return }
    group.addTask { await self.supervise(job.id) }
  }

  private func supervise(_ id: String) async {
    do {
      resting[id] = nil
      let service = EndOfService()
      let supervisor = Supervisor(surroundings, jobID: id, service: service)
      let task = Task.detached { try await supervisor.run() }
      try await withTaskCancellationHandler {
        try await task.value
      } onCancel: {
        service.announce()
      }
      guard !Task.isCancelled else { return }
      // Whatever the reason: not in a circle without a breath.
      if try await store.job(id)?.status == .running { resting[id] = .now + .seconds(1) }
    } catch {
      surroundings.logger.error("job \(id): \(error)")
      resting[id] = .now + .seconds(1)
    }
    supervised.remove(id)
    stir()
  }

  private func schedule(
    _ queued: [Job], behind unchecked: [Job], beside running: [Job], _ group: inout DiscardingTaskGroup
  ) async throws {
    notes.forget(allBut: Set(queued.map(\.id)))
    guard !queued.isEmpty else { return }
    let room = TurnQueue.Room(workers: settings.workers, bytes: settings.memoryBudget)
    // First come, first served: a job whose check takes longer is not overtaken by later ones of its project.
    let first = Dictionary(unchecked.map { ($0.projectID, $0) }) { first, _ in first }
    var held: [String: String] = [:]
    for job in queued {
      if let earlier = first[job.projectID], (earlier.sequence ?? 0) < (job.sequence ?? 0) {
        held[job.id] = earlier.id
      }
    }
    let waiting = queued.filter { held[$0.id] == nil }.map {
      TurnQueue.Waiting(id: $0.id, project: $0.projectID, place: $0.sequence ?? 0, bytes: bytes(of: $0))
    }
    var decision = queue.decide(waiting: waiting, running: running.map(bytes), room: room)
    for (id, earlier) in held { decision.reasons[id] = .turn(behind: earlier) }
    for job in queued {
      if decision.starts.contains(job.id) {
        try await begin(job, &group)
      } else if let reason = decision.reasons[job.id] {
        let sentence = notes.sentence(job, reason, room: room)
        guard sentence != job.waitingFor else { continue }
        try await store.change(job.id) { job in
          guard job.status == .queued else { return false }
          job.waitingFor = sentence
          return true
        }
      }
    }
  }

  private func begin(_ job: Job, _ group: inout DiscardingTaskGroup) async throws {
    var change = JobChange(events: [
      JobEvent(jobID: job.id, message: "Fine-tuning job started", source: "start")
    ]) { job in
      guard job.status == .queued else { return false }
      job.status = .running
      job.waitingFor = nil
      job.startedAt = job.startedAt ?? .now
      return true
    }
    if bytes(of: job) > settings.memoryBudget {
      change.events.append(
        JobEvent(
          jobID: job.id, level: .warn,
          message: "The job is forecast to take more memory than jobs may have together; it runs alone",
          source: "memory"))
    }
    if let (job, isDone) = try await store.apply(change, to: job.id), isDone { supervise(job, &group) }
  }

  /// A model whose sizes are not known gets an equal share.
  private func bytes(of job: Job) -> Int {
    job.forecastBytes ?? settings.memoryBudget / max(1, settings.workers)
  }
}
