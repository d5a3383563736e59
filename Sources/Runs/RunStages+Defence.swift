internal import Checkpoints
internal import Datasets
internal import Foundation
internal import Graders
internal import Monitoring
internal import Records

/// An alarm for which the plan says that a person is to look first.
struct RunPaused: Error, CustomStringConvertible {
  let alarm: Alarm
  let folder: String

  var description: String {
    """
    the run is paused after step \(alarm.step): \(alarm.message). Look at its answers with \
    `operant run show '\(folder)' --episodes`; to go on all the same, resume it, and the alarm is not raised again \
    before the signal has been back within its limit
    """
  }
}

extension RunStages {
  /// Takes a step's signals in and reports the alarms that are new.
  func watch(_ record: StepRecord, _ state: inout RunState) throws {
    let alarms = state.watch.take(record.signals, step: state.step, plan: plan.defence)
    try raise(alarms, &state)
  }

  /// Gives the grader answers that deserve nothing: once before the first step, then with each measurement.
  func tryCanaries(_ state: inout RunState) async throws {
    guard let canaries = plan.defence.canaries,
      !state.defence.canaries.contains(where: { $0.step == state.step })
    else { return }
    sink.report(.phase(.grading, detail: "canaries"))
    let examples = Array(data.train.prefix(canaries.prompts))
    let others = Array(data.train.suffix(64).reversed())
    let report = await CanaryTrial(grading.grader, definition: plan.grader).run(examples, others: others)
    // A canary that goes on being paid is told of once.
    let known = Set(state.defence.alarms.map(\.key))
    let alarms = report.alarms(canaries, fullMarks: plan.evaluation.fullMarks, step: state.step)
      .filter { !known.contains($0.key) }
    state.defence.canaries.append(.init(step: state.step, report: report))
    sink.report(.canaries(step: state.step, report))
    try raise(alarms, &state)
  }

  /// Canaries with the measurements in between.
  func tryCanariesIfDue(_ state: inout RunState) async throws {
    let every = plan.evaluation.every
    guard every > 0, state.step % every == 0, state.step < plan.training.steps else { return }
    try await tryCanaries(&state)
  }

  private func raise(_ alarms: [Alarm], _ state: inout RunState) throws {
    state.defence.alarms += alarms
    state.unanswered += alarms
    try run.folder.write(state.defence)
    for alarm in alarms { sink.report(.alarm(alarm)) }
  }

  /// What the plan says to do about alarms that nobody has acted on: nothing, or how the run ends.
  ///
  /// Alarms that end a run stay unanswered in its checkpoint, so that one that is killed before its end is done ends the
  /// same way when it goes on.
  ///
  /// - Throws: `RunPaused`, with the state on disk.
  func answerAlarms(_ state: inout RunState) async throws -> RunEnd.Reason? {
    if state.hasGoneBack { return .rolledBack }
    let gravest = state.unanswered.max { $0.action.gravity < $1.action.gravity }
    guard let gravest else { return nil }
    switch gravest.action {
    case .warn:
      state.unanswered = []
      return nil
    case .pause:
      state.unanswered = []
      try await checkpoint(state, replacing: true)
      throw RunPaused(alarm: gravest, folder: run.folder.path)
    case .stop: return .alarm
    case .rollBack: return try await rollBack(&state) ? .rolledBack : .alarm
    }
  }

  /// Goes back to the newest checkpoint from before anything was out of the ordinary; newer ones are deleted. The
  /// journal and the episodes of the steps in between stay, to be looked at.
  ///
  /// - Returns: false where no such checkpoint is left; the run then ends where it is.
  private func rollBack(_ state: inout RunState) async throws -> Bool {
    let store = run.folder.checkpoints
    guard let step = try calmCheckpoint(state) else {
      sink.report(
        .warning(
          "there is no checkpoint from before the alarm to go back to; the run ends at step \(state.step)"))
      return false
    }
    let checkpoint = try store.checkpoint(step: step)
    try await learner.restore(from: checkpoint)
    var calm = try checkpoint.json(RunState.file, as: RunState.self)
    calm.defence = state.defence
    calm.seconds = state.seconds
    calm.unanswered = []
    calm.hasGoneBack = true
    // First the mark: killed before the newer ones are gone, the run starts over with this; after, it is done with it.
    try await self.checkpoint(calm, replacing: true)
    for newer in try store.steps() where newer > step { try store.delete(step: newer) }
    state = calm
    sink.report(.warning("the run goes back to step \(step), from before the alarm"))
    return true
  }

  /// The newest checkpoint from before anything was out of the ordinary.
  func calmCheckpoint(_ state: RunState) throws -> Int? {
    try run.folder.checkpoints.steps().last { $0 <= state.watch.calmStep }
  }
}

extension AlarmAction {
  /// Which of several alarms decides.
  fileprivate var gravity: Int {
    switch self {
    case .warn: 0
    case .stop: 1
    case .rollBack: 2
    case .pause: 3
    }
  }
}
