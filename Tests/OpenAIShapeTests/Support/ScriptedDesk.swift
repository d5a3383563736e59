import Foundation
import Jobs
import Records
import Store

/// Takes jobs into the store and moves them on when it is told to: a `JobManaging` without a scheduler.
struct ScriptedDesk: JobManaging {
  let store: Store
  let blobs: Blobs

  func submit(_ order: JobOrder) async throws(JobFailure) -> Job {
    var job = Job(
      id: order.id, projectID: order.projectID, shape: order.shape, request: JSONColumn(order.request),
      model: order.model, trainingFile: order.trainingFile, validationFile: order.validationFile,
      seed: order.seed ?? 7, metadata: order.metadata.map { JSONColumn($0) })
    job.waitingFor = "its files to be checked"
    // Where tests read what a route made of the request.
    job.plan = JSONColumn([
      "grader": order.grader,
      "overrides": .object(
        JSONObject(order.choices.overrides.sorted { $0.key < $1.key }.map { ($0, .string($1)) })),
      "epochs": order.choices.epochs.map(JSONValue.integer) ?? .null,
      "path": .string(order.trainingPath),
    ])
    return try await known {
      try await store.insert(
        job,
        events: [JobEvent(jobID: order.id, message: "Created fine-tuning job")]
          + order.remarks.map { JobEvent(jobID: order.id, level: .warn, message: $0) })
      if let audit = order.audit { try await store.record(audit) }
      return try await store.job(order.id)
    }
  }

  func pause(_ id: String) async throws(JobFailure) -> Job {
    try await move(id, from: [.running, .queued], to: .paused)
  }
  func resume(_ id: String) async throws(JobFailure) -> Job {
    try await move(id, from: [.paused], to: .queued)
  }
  func cancel(_ id: String) async throws(JobFailure) -> Job {
    try await move(id, from: [.validatingFiles, .queued, .running, .paused, .cancelled], to: .cancelled)
  }

  private func move(
    _ id: String, from states: [Job.Status], to status: Job.Status
  ) async throws(JobFailure) -> Job {
    let job = try await known { try await store.job(id) }
    guard states.contains(job.status) else {
      throw JobFailure(.state, "Job \(id) is \(job.status.rawValue)")
    }
    return try await known {
      try await store.change(id) { job in
        job.status = status
        return true
      }
    }
  }

  private func known(_ body: () async throws -> Job?) async throws(JobFailure) -> Job {
    do {
      guard let job = try await body() else { throw JobFailure(.missing, "no such job") }
      return job
    } catch let failure as JobFailure {
      throw failure
    } catch {
      throw JobFailure(.unusable, "\(error)")
    }
  }

  /// One state on: queued, running with two steps and a checkpoint, succeeded with model and result file.
  func advance(_ id: String) async throws {
    guard let job = try await store.job(id) else { return }
    switch job.status {
    case .validatingFiles:
      try await store.change(id) { job in
        job.status = .queued
        job.resolved = JSONColumn([
          "n_epochs": 2, "batch_size": 8, "learning_rate_multiplier": 1.0, "compute_multiplier": 1.0,
          "eval_interval": 3, "eval_samples": 1, "reasoning_effort": "default", "samples_per_prompt": 8,
        ])
        return true
      }
    case .queued: try await start(id)
    case .running: try await finish(job)
    case .paused, .succeeded, .failed, .cancelled: return
    }
  }

  private func start(_ id: String) async throws {
    try await store.change(id) { job in
      job.status = .running
      job.startedAt = .now
      return true
    }
    try await store.insert(Self.steps(id))
    for step in 1...2 {
      let model = "ft:tiny:test::\(id.suffix(8)):ckpt-step-\(step)"
      try await store.insert(
        JobCheckpoint(
          jobID: id, step: step, model: model,
          metrics: JSONColumn(["step": .integer(step), "train_mean_reward": 0.5])),
        model: TunedModel(
          id: model, projectID: try await store.job(id)?.projectID ?? "", base: "tiny", jobID: id,
          runFolder: "/nowhere", step: step))
    }
  }

  private static func steps(_ id: String) -> [JobEvent] {
    (1...30).map { step in
      JobEvent(
        jobID: id, kind: .metrics, message: "Step \(step)/30: training metrics",
        data: JSONColumn(["step": .integer(step), "total_steps": 30, "train_mean_reward": 0.5]),
        source: "step \(step)")
    }
  }

  private func finish(_ job: Job) async throws {
    let csv = "step,train_mean_reward\n1,0.5\n2,0.6\n"
    let path = blobs.incomingPath()
    try csv.write(toFile: path, atomically: false, encoding: .utf8)
    let file = StoredFile(
      projectID: job.projectID, filename: "step_metrics.csv", bytes: csv.utf8.count,
      purpose: "fine-tune-results", sha256: Digest.hex(Digest.sha256(Array(csv.utf8))))
    try blobs.adopt(path, as: file.id)
    try await store.insert(file)
    let model = "ft:tiny:test::\(job.id.suffix(8))"
    try await store.insert(
      TunedModel(
        id: model, projectID: job.projectID, base: "tiny", jobID: job.id, runFolder: "/nowhere", step: nil))
    try await store.change(job.id) { job in
      job.status = .succeeded
      job.finishedAt = .now
      job.tunedModel = model
      job.trainedTokens = 4096
      job.resultFile = file.id
      return true
    }
  }
}
