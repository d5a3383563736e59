internal import Checkpoints
internal import Cluster
internal import Foundation
internal import Logging
internal import Records
internal import Store

/// Carries one job from its first worker to its end, through as many workers as it takes.
///
/// Everything it knows is in the store and in the run folder, so that another service can take over at any point:
///
/// | killed after | the next supervisor finds | and |
/// |---|---|---|
/// | the job is `running` | no run folder | makes one |
/// | the run folder is made | no launch | starts a worker |
/// | the launch is written down | no process of that launch | takes it for a worker that ended with the service |
/// | the worker is started | the process, by the launch in its environment | follows it |
/// | some events are told | the offset behind them, which is stored with them | goes on there |
/// | the worker has ended | what the run folder says of it | acts on that |
struct Supervisor: Sendable {
  let surroundings: JobSurroundings
  let jobID: String
  let service: EndOfService
  var store: Store { surroundings.store }
  var settings: JobSettings { surroundings.settings }
  private var launcher: any WorkerLauncher { surroundings.launcher }
  private var logger: Logger { surroundings.logger }

  init(_ surroundings: JobSurroundings, jobID: String, service: EndOfService) {
    self.surroundings = surroundings
    self.jobID = jobID
    self.service = service
  }

  /// Returns when the job no longer runs, or when the service ends.
  func run() async throws {
    guard let scene = try await Scene(self) else { return }
    while !service.hasCome {
      guard let job = try await store.job(jobID), job.status == .running,
        let work = try await store.work(of: jobID)
      else { return }
      var launch = work.launch.flatMap { WorkerLaunch(column: $0) }
      var isNew = false
      if launch == nil, let holder = await launcher.holder(of: scene.run.path) {
        launch = holder
        try await note(holder)
      }
      if launch == nil {
        if let wish = job.wish {
          let ending: Settlement.Ending = wish == .pause ? .paused(note: nil) : .cancelled
          if try await scene.settle(ending, where: { $0.wish == wish }) { return }
          continue
        }
        if try await hasWaitedForSpace() { continue }
        launch = try await start(scene)
        isNew = true
      }
      guard let launch else { continue }
      guard let ending = try await follow(launch, scene, offset: work.offset, isNew: isNew) else { return }
      if try await !decide(ending, launch, scene) { return }
    }
  }

  // MARK: Starting

  /// - Returns: nil when there is nothing to start after all, or no way to now.
  private func start(_ scene: Scene) async throws -> WorkerLaunch? {
    // Nobody is at work there, and what the last worker left was dealt with: the slate is wiped, so that whatever is
    // found afterwards is of this worker.
    try scene.run.removeFailure()
    var status = try scene.run.status()
    status.state = .created
    status.reason = ""
    try scene.run.write(status)
    var planned = WorkerLaunch(id: UUID().uuidString, host: ThisMachine.host, boot: ThisMachine.boot)
    planned.step = max(status.step, try scene.run.checkpoints.steps().last ?? 0)
    let column = planned.column
    var change = JobChange()
    change.work = { $0.launch = column }
    change.job = { job in
      guard job.status == .running, job.wish == nil else { return false }
      job.attempts += 1
      return true
    }
    guard try await store.apply(change, to: jobID)?.isDone == true else { return nil }
    do {
      let launch = try await launcher.start(
        WorkerAssignment(.train(runFolder: scene.run.path), folder: scene.run.path), launch: planned)
      try await note(launch)
      logger.info("job \(jobID): worker started", metadata: ["pid": "\(launch.process?.pid ?? 0)"])
      return launch
    } catch let failure as LaunchFailure {
      logger.error("job \(jobID): \(failure.message)")
      let sentence = "waits for a worker that can be started, since \(WaitingNotes.time(.now))"
      var change = JobChange()
      change.work = { $0.launch = nil }
      change.job = {
        $0.waitingFor = sentence
        $0.attempts = max(0, $0.attempts - 1)
        return true
      }
      try await store.apply(change, to: jobID)
      try? await Task.sleep(for: settings.retryPause)
      return nil
    }
  }

  /// Holds the job while the disk has no room for what a worker writes: checkpoints, above all.
  ///
  /// - Returns: whether it had to wait.
  private func hasWaitedForSpace() async throws -> Bool {
    guard surroundings.isShortOfSpace else { return false }
    let sentence = "waits for disk space, since \(WaitingNotes.time(.now))"
    surroundings.logger.warning("job \(jobID) \(sentence)")
    try await store.change(jobID) { job in
      guard job.status == .running else { return false }
      job.waitingFor = sentence
      return true
    }
    while surroundings.isShortOfSpace, !service.hasCome, try await store.job(jobID)?.wish == nil {
      try? await Task.sleep(for: settings.retryPause)
    }
    return true
  }

  private func note(_ launch: WorkerLaunch) async throws {
    var change = JobChange()
    change.work = { $0.launch = launch.column }
    change.job = {
      $0.waitingFor = nil
      return true
    }
    try await store.apply(change, to: jobID)
  }

  // MARK: Following

  struct Ending: Sendable {
    var state: WorkerState
    /// Whether it had ended before anybody here looked.
    var wasOver: Bool
    /// Ended by us, because it showed no sign of life.
    var wasSilent = false
    var failure: WorkerFailure?
  }

  /// Tells what the worker reports until it has ended.
  ///
  /// - Returns: nil when the service ends before the worker.
  private func follow(_ launch: WorkerLaunch, _ scene: Scene, offset: Int, isNew: Bool) async throws
    -> Ending?
  {
    var narrator = scene.narrator
    var file = EventFile(path: WorkerAssignment.eventsPath(in: scene.run.path), offset: offset)
    var signs = LifeSigns(scene.run, limit: settings.silenceLimit)
    var isAsked = false
    var ending = Ending(state: .running, wasOver: !isNew)
    while true {
      // Looked at first: once it has ended, everything that it wrote is there to be read.
      let state = await launcher.state(of: launch, folder: scene.run.path)
      try await tell(&file, &narrator, scene)
      guard state == .running else {
        try await tellMissed(narrator)
        ending.state = state
        ending.failure = narrator.failure
        return ending
      }
      ending.wasOver = false
      guard let job = try await store.job(jobID), job.status == .running else {
        // Whoever has ended the job did not know of this worker.
        await launcher.end(launch)
        return nil
      }
      if job.wish == .cancel {
        await launcher.end(launch)
      } else if job.wish == .pause, !isAsked {
        isAsked = true
        await launcher.finish(launch)
      }
      if signs.areMissing() {
        ending.wasSilent = true
        await launcher.end(launch)
      }
      if service.hasCome {
        try await leave(launch, scene, &file, &narrator)
        return nil
      }
      try? await Task.sleep(for: settings.interval)
    }
  }

  /// The service ends: the worker goes on by itself, or writes a checkpoint and ends.
  private func leave(
    _ launch: WorkerLaunch, _ scene: Scene, _ file: inout EventFile, _ narrator: inout RunNarrator
  ) async throws {
    guard !settings.leavesWorkersRunning else { return }
    await launcher.finish(launch)
    let deadline = ContinuousClock.now + settings.checkpointLimit
    while ContinuousClock.now < deadline,
      await launcher.state(of: launch, folder: scene.run.path) == .running
    {
      try? await Task.sleep(for: min(settings.interval, .milliseconds(50)))
    }
    try await tell(&file, &narrator, scene)
  }

  /// Events, checkpoints and how far was read, in one transaction.
  private func tell(_ file: inout EventFile, _ narrator: inout RunNarrator, _ scene: Scene) async throws {
    while true {
      let lines = file.next()
      guard !lines.isEmpty else { return }
      var change = JobChange()
      for line in lines {
        guard let event = try? WorkerLine.decode(WorkerEvent.self, from: line) else { continue }
        if case .runStarted(let summary) = event, summary.firstStep > 0 {
          change.events += narrator.untold(
            try await store.eventSources(of: jobID), before: summary.firstStep)
        }
        change.events += narrator.tell(event)
        if case .checkpoint = event {
          let (offered, withdrawn) = scene.offers.change(listed: try await store.checkpoints(of: jobID))
          change.offered += offered
          change.withdrawn += withdrawn
          change.events += offered.map {
            JobEvent(
              jobID: jobID, message: "Checkpoint created at step \($0.checkpoint.step)",
              source: "checkpoint \($0.checkpoint.step)")
          }
        }
      }
      let offset = file.offset
      let finish = narrator.estimatedFinish
      change.work = { $0.offset = offset }
      change.job = { job in
        if let finish, job.status == .running { job.estimatedFinish = finish }
        return true
      }
      try await store.apply(change, to: jobID)
    }
  }

  private func tellMissed(_ narrator: RunNarrator) async throws {
    let events = narrator.untold(try await store.eventSources(of: jobID), before: .max)
    if !events.isEmpty { try await store.insert(events) }
  }
}

extension WorkerLaunch {
  var column: JSONColumn? {
    guard let text = try? WorkerLine.encode(self), let value = try? JSONValue(parsing: text) else {
      return nil
    }
    return JSONColumn(value)
  }

  init?(column: JSONColumn) {
    let text = Array(column.value.serialised().utf8)
    guard let launch = try? WorkerLine.decode(WorkerLaunch.self, from: text) else { return nil }
    self = launch
  }
}
