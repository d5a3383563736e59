import Foundation
import Jobs
import Records
import Store
import Synchronization

/// Jobs that are rows, and do what the test tells them.
final class ScriptedJobs: JobManaging {
  let store: Store
  private let orders = Mutex<[JobOrder]>([])
  var submitted: [JobOrder] { orders.withLock { $0 } }

  init(store: Store) { self.store = store }

  func submit(_ order: JobOrder) async throws(JobFailure) -> Job {
    var job = Job(
      id: order.id, projectID: order.projectID, shape: order.shape, name: order.name,
      request: JSONColumn(order.request), model: order.model, trainingFile: nil, seed: order.seed ?? 1)
    job.status = .queued
    do throws(StoreError) {
      try await store.insert(job)
      try await store.insert(order.remarks.map { JobEvent(jobID: order.id, level: .warn, message: $0) })
      if let audit = order.audit { try await store.record(audit) }
    } catch {
      throw JobFailure(error.kind == .conflict ? .nameTaken : .unusable, error.message)
    }
    orders.withLock { $0.append(order) }
    return job
  }

  func pause(_ id: String) async throws(JobFailure) -> Job { throw JobFailure(.state, "not here") }
  func resume(_ id: String) async throws(JobFailure) -> Job { throw JobFailure(.state, "not here") }

  /// Only a wish, as for a job that runs.
  func cancel(_ id: String) async throws(JobFailure) -> Job {
    try await change(id) { $0.wish = .cancel }
  }

  /// As a supervisor would move it on.
  func move(_ id: String, to status: Job.Status) async throws(JobFailure) {
    let order = submitted.first { $0.id == id }
    if status == .succeeded, let order, let name = order.modelName {
      let model = TunedModel(
        id: name, projectID: order.projectID, base: "tiny", jobID: id, runFolder: "/runs/\(id)", step: nil)
      do { try await store.insert(model) } catch { throw JobFailure(.unusable, error.message) }
    }
    _ = try await change(id) { job in
      job.status = status
      switch status {
      case .running: job.startedAt = .now
      case .succeeded:
        job.finishedAt = .now
        job.tunedModel = order?.modelName
      case .failed:
        job.finishedAt = .now
        job.errorMessage = "the grader failed on every answer"
      case .cancelled: job.finishedAt = .now
      case .validatingFiles, .queued, .paused: break
      }
    }
  }

  /// As a run's narrator tells of steps.
  func tell(_ id: String, step: Int, of total: Int, reward: Double, valid: Double?) async throws {
    var data = JSONObject([
      ("step", .integer(step)), ("total_steps", .integer(total)), ("train_mean_reward", .number(reward)),
      ("train_loss", .number(0.5 / Double(step))), ("actor_entropy", .number(0)),
      ("actor_grad_norm", .number(1.5)), ("response_length_mean", .number(20)),
    ])
    if let valid { data["full_valid_mean_reward"] = .number(valid) }
    try await store.insert([
      JobEvent(
        jobID: id, kind: .metrics, message: "Step \(step)/\(total)", data: JSONColumn(.object(data)),
        source: "step \(step)")
    ])
  }

  private func change(_ id: String, _ change: @Sendable @escaping (inout Job) -> Void)
    async throws(JobFailure) -> Job
  {
    do {
      let job = try await store.change(id) { job in
        change(&job)
        return true
      }
      if let job { return job }
    } catch { throw JobFailure(.unusable, error.message) }
    throw JobFailure(.missing, "there is no job \(id)")
  }
}
