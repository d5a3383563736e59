import Checkpoints
import Cluster
import Foundation
import Records
import Testing

@testable import Jobs

/// Workers that do what a script says, and write what a worker writes. They live in this process, and still outlive a
/// desk, as real ones do.
actor ScriptedLauncher: WorkerLauncher {
  /// What a worker does at a step, before it takes it.
  enum Act: Sendable, Hashable {
    case die(WorkerExit)
    case fail(WorkerFailure)
    /// Ends as if somebody had sent it SIGINT.
    case stop
    /// Shows no sign of life.
    case hang
    /// Records the step, and dies before it reports it.
    case dieUnreported
    /// Waits until `release`.
    case hold
  }
  /// One worker: acts by step.
  typealias Script = [Int: Act]

  private final class Worker {
    let folder: String
    let process: ProcessIdentity
    var state = WorkerState.running
    var isAskedToFinish = false
    var isToDie = false
    init(folder: String, process: ProcessIdentity) {
      self.folder = folder
      self.process = process
    }
  }

  /// Scripts of the workers to come, by job; a job without any gets workers that just work.
  private var scripts: [String: [Script]] = [:]
  private var workers: [String: Worker] = [:]
  private var isReleased = false
  private(set) var started: [String] = []
  /// Workers that found another at work on the same run.
  private(set) var collisions = 0
  private(set) var refusals = 0
  private var startsToRefuse = 0
  private var stepTime = Duration.milliseconds(5)
  private var nextPid: Int32 = 100
  private var isDeaf = false
  /// Times that a worker was asked to finish.
  private(set) var requests = 0

  func script(_ job: String, _ workers: Script...) { scripts[job] = workers }
  func add(_ script: Script, for job: String) { scripts[job, default: []].append(script) }
  /// From now on nobody finishes because they are asked to.
  func ignoreRequests() { isDeaf = true }
  func release() { isReleased = true }
  func hold() { isReleased = false }
  func refuseStarts(_ count: Int) { startsToRefuse = count }
  func setStepTime(_ time: Duration) { stepTime = time }
  var atWork: Int { workers.values.count { $0.state == .running } }

  /// The machine, or the service's group of processes, goes down with all workers.
  func crashMachine() {
    for worker in workers.values where worker.state == .running {
      worker.isToDie = true
      worker.state = .lostWithMachine
    }
  }

  /// The worker ends with the service, and nobody sees it.
  func loseWorkers() {
    for worker in workers.values where worker.state == .running {
      worker.isToDie = true
      worker.state = .ended(nil)
    }
  }

  func kill(_ job: String) {
    for worker in workers.values where worker.folder.contains("/\(job)/") && worker.state == .running {
      worker.isToDie = true
      worker.state = .ended(.signaled(SIGKILL))
    }
  }

  // MARK: WorkerLauncher

  func start(_ assignment: WorkerAssignment, launch: WorkerLaunch) async throws(LaunchFailure) -> WorkerLaunch
  {
    if startsToRefuse > 0 {
      startsToRefuse -= 1
      refusals += 1
      throw LaunchFailure("no worker today")
    }
    var launch = launch
    nextPid += 1
    let process = ProcessIdentity(pid: nextPid, started: 1)
    launch.process = process
    let worker = Worker(folder: assignment.folder, process: process)
    workers[launch.id] = worker
    let job = scripts.keys.first { assignment.folder.contains("/\($0)/") }
    var script: Script = [:]
    if let job, let first = scripts[job]?.first {
      script = first
      scripts[job]?.removeFirst()
    }
    started.append(assignment.folder)
    Task { await self.work(worker, script) }
    return launch
  }

  func state(of launch: WorkerLaunch, folder: String) async -> WorkerState {
    workers[launch.id]?.state ?? .ended(nil)
  }

  func holder(of folder: String) async -> WorkerLaunch? {
    guard let entry = workers.first(where: { $0.value.folder == folder && $0.value.state == .running }) else {
      return nil
    }
    return WorkerLaunch(id: entry.key, host: "here", boot: "now", process: entry.value.process)
  }

  func finish(_ launch: WorkerLaunch) async {
    requests += 1
    if !isDeaf { workers[launch.id]?.isAskedToFinish = true }
  }

  func end(_ launch: WorkerLaunch) async {
    guard let worker = workers[launch.id], worker.state == .running else { return }
    worker.isToDie = true
    worker.state = .ended(.signaled(SIGKILL))
  }

  // MARK: The worker

  private func work(_ worker: Worker, _ script: Script) async {
    do {
      let run = try RunFolder(opening: worker.folder)
      guard let lock = try? run.lock() else {
        collisions += 1
        worker.state = .ended(.exited(1))
        return
      }
      let exit = try await carryOut(run, lock, worker, script)
      if worker.state == .running { worker.state = .ended(exit) }
    } catch {
      Issue.record(error)
      worker.state = .ended(.exited(1))
    }
  }

  private func carryOut(
    _ run: RunFolder, _ lock: RunLock, _ worker: Worker, _ script: Script
  ) async throws -> WorkerExit {
    let plan = try run.plan()
    let events = RunWriter(run, plan)
    var step = try run.checkpoints.steps().last ?? 0
    let journal = try Journal(run, lock: lock, resumingAt: step)
    try events.status(.running, step)
    try events.report(
      .runStarted(
        RunSummary(
          name: plan.name, folder: run.path, firstStep: step, steps: plan.training.steps, trainExamples: 8,
          heldOutExamples: 4)))
    if step == 0 {
      let base = events.evaluation(step: 0)
      try await journal.record(StepEvaluation(step: 0, summary: base))
      try events.report(.evaluation(step: 0, base))
      try events.checkpoint(0)
    }
    while step < plan.training.steps {
      if worker.isToDie { return .signaled(SIGKILL) }
      if worker.isAskedToFinish {
        try events.status(.interrupted, step, reason: "interrupted")
        try events.report(events.end(.interrupted, step))
        return .exited(0)
      }
      switch script[step] {
      case .die(let exit): return exit
      case .fail(let failure):
        try run.write(failure)
        try events.status(.failed, step, reason: failure.message)
        try events.report(.failed(failure))
        return .exited(failure.exitCode)
      case .stop:
        try events.status(.interrupted, step, reason: "interrupted")
        return .exited(0)
      case .hang:
        while !worker.isToDie { try await Task.sleep(for: .milliseconds(5)) }
        continue
      case .hold where !isReleased:
        try await Task.sleep(for: .milliseconds(5))
        continue
      case .dieUnreported, .hold, nil: break
      }
      try await Task.sleep(for: stepTime)
      if worker.isToDie { return .signaled(SIGKILL) }
      let (record, timing) = events.step(step)
      try await journal.record(record, timing: timing, groups: [])
      step += 1
      let every = plan.evaluation.every
      if every > 0, step % every == 0, step < plan.training.steps {
        let summary = events.evaluation(step: step)
        try await journal.record(StepEvaluation(step: step, summary: summary))
        try events.report(.evaluation(step: step, summary))
      }
      try events.checkpoint(step)
      try events.status(.running, step)
      if script[step - 1] == .dieUnreported { return .signaled(SIGSEGV) }
      try events.report(.step(record, timing, tokensPerSecond: 100, sample: nil))
    }
    if worker.isToDie { return .signaled(SIGKILL) }
    try events.compare(step)
    try events.status(.finished, step, reason: "all_steps")
    try events.report(events.end(.allSteps, step))
    return .exited(0)
  }
}
