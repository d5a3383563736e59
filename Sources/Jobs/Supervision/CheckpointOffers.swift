internal import Checkpoints
internal import Records
internal import Store

/// Which checkpoints of a run can be asked: those that are kept for good. What is not on disk any more is not offered.
struct CheckpointOffers: Sendable {
  let job: Job
  let base: String
  let names: JobNames
  let run: RunFolder
  let plan: Plan

  /// What is to change so that the store lists what the disk has.
  func change(listed: [JobCheckpoint]) -> (offered: [OfferedCheckpoint], withdrawn: [Int]) {
    guard let steps = try? run.checkpoints.steps(), let pinned = try? run.checkpoints.pinned() else {
      return ([], [])
    }
    let known = Set(listed.map(\.step))
    let wanted = steps.filter { $0 > 0 && (plan.checkpoints.isKept($0) || pinned.contains($0)) }
    let new = wanted.filter { !known.contains($0) }
    let figures = new.isEmpty ? nil : RunFigures(run)
    let offered = new.map { step in
      let name = names.checkpoint(step)
      return OfferedCheckpoint(
        JobCheckpoint(
          jobID: job.id, step: step, model: name,
          metrics: JSONColumn(figures?.metrics(afterStep: step) ?? .null)),
        model: TunedModel(
          id: name, projectID: job.projectID, base: base, jobID: job.id, runFolder: run.path, step: step))
    }
    return (offered, known.subtracting(steps).sorted())
  }

  /// Keeps the newest checkpoint for good, where there is one that has learnt anything.
  ///
  /// - Returns: its step.
  func pinNewest() -> Int? {
    guard let step = try? run.checkpoints.steps().last, step > 0,
      (try? run.checkpoints.pin(step: step)) != nil
    else { return nil }
    return step
  }
}
