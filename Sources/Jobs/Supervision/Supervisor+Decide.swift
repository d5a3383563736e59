internal import Checkpoints
internal import Cluster
internal import Foundation
internal import Logging
internal import Records
internal import Store

extension Supervisor {
  /// What a worker's end means for its job.
  ///
  /// The run folder has the last word: a worker that could not report any more may still have finished. What is asked of
  /// the job while it comes to rest is not lost: it is decided anew then.
  /// - Returns: whether the job goes on with another worker.
  func decide(_ ending: Ending, _ launch: WorkerLaunch, _ scene: Scene) async throws -> Bool {
    if let holder = await surroundings.launcher.holder(of: scene.run.path), holder.process != launch.process {
      // Somebody else's worker is at work there; ours was refused. Theirs is as good.
      try await goOn(launch: holder)
      return true
    }
    let job = try await store.job(jobID)
    guard let job, job.status == .running else { return false }
    let status = try scene.run.status()
    if status.state == .finished {
      try await scene.settle(.succeeded, events: farewell(status, scene))
      return false
    }
    if job.wish == .cancel {
      try await scene.settle(.cancelled)
      return false
    }
    if let failure = try scene.run.failure() ?? ending.failure {
      return try await answer(failure, job, launch, scene)
    }
    if job.wish == .pause {
      let note =
        status.state == .interrupted
        ? nil : "the worker \(Self.words(ending)) on the way; nothing that was saved is lost"
      if try await scene.settle(.paused(note: note), where: { $0.wish == .pause }) { return false }
      return try await decide(ending, launch, scene)
    }
    if status.state == .interrupted {
      try await goOn(events: [warning("The worker was told to stop from outside; the job goes on", launch)])
      return true
    }
    if ending.state == .lostWithMachine || (ending.wasOver && ending.state == .ended(nil)) {
      if let step = launch.step, status.step <= step {
        // Not its fault; but if it is what takes the service or the machine down, this has to end some day.
        return try await retry(
          code: "worker_died",
          "the worker went down with the service or the machine before it had made a step", launch, scene)
      }
      // It went down with the service or the machine, which is not its fault.
      try await goOn(events: [
        warning("The service was restarted; the job goes on from its newest checkpoint", launch)
      ])
      return true
    }
    return try await retry(
      code: "worker_died", "the worker \(Self.words(ending))" + Self.hint(ending) + logTail(scene), launch,
      scene)
  }

  /// A failure with a name: those that another try cannot help end the job.
  private func answer(
    _ failure: WorkerFailure, _ job: Job, _ launch: WorkerLaunch, _ scene: Scene
  ) async throws -> Bool {
    let message = scene.narrator.clean(failure.message)
    if failure.kind == .paused {
      let alarm = (try? scene.run.defence())?.alarms.last?.message
      let note = "The job is paused by an alarm: \(alarm ?? message). Resume it to go on all the same"
      if job.wish == .cancel {
        try await scene.settle(.cancelled)
        return false
      }
      if try await !scene.settle(.paused(note: note), where: { $0.wish != .cancel }) {
        try await scene.settle(.cancelled)
      }
      return false
    }
    let code =
      switch failure.kind {
      case .usage: "invalid_job"
      case .model: "model_error"
      case .data: "invalid_training_file"
      case .limit: "limit_exceeded"
      case .training: "training_failed"
      case .grading: "grading_failed"
      case .memory: "out_of_memory"
      case .storage: "storage_error"
      case .other, .paused: "worker_failed"
      }
    switch failure.kind {
    case .usage, .model, .data, .limit, .training, .paused:
      try await scene.settle(
        .failed(code: code, message: message, param: failure.kind == .data ? "training_file" : nil))
      return false
    case .grading, .memory, .storage, .other:
      return try await retry(code: code, message, launch, scene)
    }
  }

  /// Counts a death, and says whether there is another try.
  private func retry(
    code: String, _ message: String, _ launch: WorkerLaunch, _ scene: Scene
  ) async throws -> Bool {
    if surroundings.isShortOfSpace {
      // What else can it be; and every other worker would die of it, too.
      surroundings.logger.warning("job \(jobID): \(message)")
      try await goOn(events: [
        warning("The disk is full, and the worker ended; the job goes on when there is room again", launch)
      ])
      return true
    }
    let deaths = (try await store.work(of: jobID)?.deaths ?? 0) + 1
    guard deaths <= settings.retries else {
      let text = "\(message)\nThat was the last of \(settings.retries + 1) tries."
      try await scene.settle(.failed(code: code, message: text, param: nil))
      return false
    }
    surroundings.logger.warning("job \(jobID): \(message)")
    try await goOn(
      deaths: deaths,
      events: [
        warning(
          "\(message.prefix(1).uppercased())\(message.dropFirst())\nIt is started again from its newest checkpoint (retry \(deaths) of \(settings.retries)).",
          launch)
      ])
    let deadline = ContinuousClock.now + settings.retryPause * (1 << min(deaths - 1, 6))
    while ContinuousClock.now < deadline, !service.hasCome, try await store.job(jobID)?.wish == nil {
      try? await Task.sleep(for: min(settings.interval, deadline - .now))
    }
    return true
  }

  private func goOn(
    launch: WorkerLaunch? = nil, deaths: Int? = nil, events: [JobEvent] = []
  ) async throws {
    var change = JobChange(events: events)
    change.work = {
      $0.launch = launch?.column
      if let deaths { $0.deaths = deaths }
    }
    try await store.apply(change, to: jobID)
  }

  // MARK: Words

  private func warning(_ text: String, _ launch: WorkerLaunch) -> JobEvent {
    JobEvent(jobID: jobID, level: .warn, message: text, source: "end of \(launch.id)")
  }

  /// Why a run ended before its last step.
  private func farewell(_ status: RunStatus, _ scene: Scene) -> [JobEvent] {
    let text: String? =
      switch RunEnd.Reason(rawValue: status.reason) {
      case .plateau: "Training ended early after step \(status.step): the validation reward no longer rises"
      case .alarm:
        "Training was ended by an alarm after step \(status.step); look at the answers before using the model"
      case .rolledBack:
        "Training was ended by an alarm; the model is that of step \(status.step), from before it"
      case .allSteps, .interrupted, nil: nil
      }
    let level: JobEvent.Level = status.reason == RunEnd.Reason.plateau.rawValue ? .info : .warn
    return text.map { [JobEvent(jobID: jobID, level: level, message: $0, source: "run end")] } ?? []
  }

  private static func words(_ ending: Ending) -> String {
    if ending.wasSilent { return "showed no sign of life and was ended" }
    if case .ended(let exit?) = ending.state { return exit.description }
    return "ended, nobody saw how"
  }

  private static func hint(_ ending: Ending) -> String {
    guard case .ended(.signaled(SIGKILL)?) = ending.state, !ending.wasSilent else { return "" }
    return "; the system may have run out of memory"
  }

  /// The last lines of the worker's log.
  private func logTail(_ scene: Scene) -> String {
    guard let file = FileHandle(forReadingAtPath: WorkerAssignment.logPath(in: scene.run.path)) else {
      return ""
    }
    defer { try? file.close() }
    let size = (try? file.seekToEnd()) ?? 0
    try? file.seek(toOffset: size > 4096 ? size - 4096 : 0)
    let text = String(decoding: (try? file.readToEnd()) ?? Data(), as: UTF8.self)
    let lines = text.split(separator: "\n").suffix(10)
    guard !lines.isEmpty else { return "" }
    return "; its last lines:\n"
      + lines.map { "  " + scene.narrator.clean(String($0)) }.joined(separator: "\n")
  }
}
