internal import Checkpoints
internal import Cluster
internal import Foundation
internal import Logging
internal import Records
internal import Store

/// How a job ends, or comes to rest: with what it has made.
struct Settlement: Sendable {
  enum Ending: Sendable, Hashable {
    case succeeded
    case failed(code: String, message: String, param: String?)
    case cancelled
    case paused(note: String?)

    var status: Job.Status {
      switch self {
      case .succeeded: .succeeded
      case .failed: .failed
      case .cancelled: .cancelled
      case .paused: .paused
      }
    }
  }

  let surroundings: JobSurroundings
  let job: Job
  let order: JobOrder

  /// Everything in one transaction: status, models, result file, events. Nothing happens when the job has come to its end
  /// meanwhile.
  ///
  /// - Parameters:
  ///   - run: nil for a job that was never started.
  ///   - isRight: whether this is still the right end for the job as it is now; it may have been asked for something else.
  /// - Returns: whether it took place.
  @discardableResult
  func settle(
    _ ending: Ending, run: RunFolder?, events: [JobEvent] = [],
    where isRight: @escaping @Sendable (Job) -> Bool = { _ in true }
  ) async throws(StoreError) -> Bool {
    var change = JobChange(events: events)
    let figures = run.map { RunFigures($0) }
    let isFinal = ending.status.isFinal
    var newest: Int?
    var tunedModel: String?
    if let run, let plan = try? run.plan() {
      let project = try await surroundings.store.project(job.projectID)?.name ?? job.projectID
      let names = JobNames(order, project: project)
      let base = surroundings.catalogue.entry(order.base)?.name ?? order.base
      let offers = CheckpointOffers(job: job, base: base, names: names, run: run, plan: plan)
      newest = offers.pinNewest()
      let (offered, withdrawn) = offers.change(
        listed: try await surroundings.store.checkpoints(of: job.id))
      change.offered = offered
      change.withdrawn = withdrawn
      if let last = newest, let figures, figures.valid[last] != nil {
        try await surroundings.store.setMetrics(
          JSONColumn(figures.metrics(afterStep: last)), of: job.id, step: last)
      }
      if ending == .succeeded {
        tunedModel = names.model
        change.model = TunedModel(
          id: names.model, projectID: job.projectID, base: base, jobID: job.id, runFolder: run.path,
          step: newest)
      }
      if isFinal, let figures, !figures.records.isEmpty {
        do throws(StoreError) { change.file = try resultFile(figures, plan) } catch {
          // A full disk, most often: no reason to keep the job from its end.
          surroundings.logger.error("job \(job.id): \(error.message)")
          change.events.append(
            JobEvent(
              jobID: job.id, level: .warn,
              message: "The result file could not be written; the events have its figures",
              source: "result file"))
        }
      }
    }
    change.events += words(ending, newest: newest, tunedModel: tunedModel)
    change.work = { $0.launch = nil }
    let file = change.file?.id
    let tokens = figures?.trainedTokens
    let tuned = tunedModel
    change.job = { job in
      guard !job.status.isFinal, isRight(job) else { return false }
      job.status = ending.status
      job.wish = nil
      job.waitingFor = isFinal ? nil : WaitingNotes.paused
      job.estimatedFinish = nil
      if isFinal {
        job.finishedAt = .now
        job.resultFile = file
        job.trainedTokens = tokens
      }
      job.tunedModel = tuned
      if case .failed(let code, let message, let param) = ending {
        job.errorCode = code
        job.errorMessage = message
        job.errorParam = param
      }
      return true
    }
    guard try await surroundings.store.apply(change, to: job.id)?.isDone == true else { return false }
    surroundings.logger.info(
      "job \(job.id) is \(ending.status.rawValue)", metadata: ["project": "\(job.projectID)"])
    return true
  }

  private func words(_ ending: Ending, newest: Int?, tunedModel: String?) -> [JobEvent] {
    func event(_ text: String, _ level: JobEvent.Level = .info, source: String? = nil) -> JobEvent {
      JobEvent(jobID: job.id, level: level, message: text, source: source)
    }
    switch ending {
    case .succeeded:
      return [
        event("New fine-tuned model created: \(tunedModel ?? "")", source: "model"),
        event("The job has successfully completed", source: "end"),
      ]
    case .failed(_, let message, _): return [event(message, .error, source: "end")]
    case .cancelled: return [event("The job was cancelled", source: "end")]
    case .paused(let note):
      let point = newest.map { "; it goes on from the checkpoint of step \($0)" } ?? ""
      return [note.map { event($0, .warn) }, event("The job is paused" + point)].compactMap(\.self)
    }
  }

  /// `step_metrics.csv`. Its id follows from the job's, so that a second attempt at the end makes no second file.
  private func resultFile(_ figures: RunFigures, _ plan: Plan) throws(StoreError) -> StoredFile {
    let table = ResultTable(
      plan: plan, parts: GraderParts(plan.grader), records: figures.records, valid: figures.valid)
    let bytes = Array(table.csv.utf8)
    let id = "file-" + Digest.hex(Digest.sha256(Array("results of \(job.id)".utf8))).prefix(24)
    let temporary = surroundings.blobs.path("results-\(id)")
    do { try AtomicFile.write(bytes, to: temporary) } catch {
      throw StoreError(.unusable, "the result file could not be written: \(error)")
    }
    try surroundings.blobs.adopt(temporary, as: id)
    return StoredFile(
      id: id, projectID: job.projectID, filename: "step_metrics.csv", bytes: bytes.count,
      purpose: "fine-tune-results", sha256: Digest.hex(Digest.sha256(bytes)))
  }
}
