package import Checkpoints
internal import CreditAssignment
internal import Datasets
internal import Foundation
internal import Graders
package import Records
internal import Rollouts

/// A plan being carried out in a run folder: sample, grade, credit, update, until it is enough.
package struct Run {
  let folder: RunFolder
  let plan: Plan
  let sink: any EventSink
  let interruption: Interruption

  package init(_ folder: RunFolder, sink: any EventSink, interruption: Interruption) throws {
    self.folder = folder
    self.sink = sink
    self.interruption = interruption
    plan = try folder.plan()
  }

  /// Carries the plan out from the folder's newest checkpoint, or from the start.
  ///
  /// Every step is a function of the state before it, so a run that was killed and resumed repeats the
  /// uninterrupted one bit for bit.
  package func carryOut() async throws -> RunEnd {
    let stages = try await RunStages(self)
    var state = stages.state
    let learner = stages.learner
    sink.report(.runStarted(stages.summary(of: state)))

    var end: RunEnd.Reason?
    if state.step == 0 {
      try await stages.tryCanaries(&state)
      end = try await stages.answerAlarms(&state)
      if end == nil, state.measurements.isEmpty { try await stages.measureBase(&state) }
      // What a run goes back to when nothing later was calm.
      if end == nil { try await stages.checkpoint(state) }
    }
    var checkpointing = 0.0
    for step in state.step..<plan.training.steps {
      if end == nil { end = try await stages.answerAlarms(&state) }
      if end == nil, interruption.wasAsked { end = .interrupted }
      if end == nil, let plateau = plan.evaluation.plateau, state.isOnPlateau(plateau) { end = .plateau }
      if end != nil { break }
      var clock = StepClock(step: step, checkpointing: checkpointing)

      let examples = stages.order.batch(at: step, size: plan.sampling.promptsPerStep)
      let (arrivals, arrive) = AsyncStream.makeStream(of: (Int, Group).self)
      let moment = state.moment
      async let grading = stages.grade(arrivals, at: moment)
      try await stages.sample(examples, step: step, into: arrive)
      clock.mark(.sampling)
      let graded = try await grading
      clock.mark(.grading)
      let credited = stages.credit(graded)
      let version = await learner.version
      let update = try await stages.update(credited, step: step)
      clock.mark(.updating)

      let record = StepRecord(
        step: step, policyVersion: version, groups: graded, credited: credited, update: update,
        plan: plan.evaluation)
      state.step = step + 1
      if let rate = record.tokenUse?.rightShare { state.passRates.append(rate) }
      try await stages.journal.record(record, timing: clock.timing, groups: graded)
      try stages.watch(record, &state)
      try await stages.measureIfDue(&state)
      try await stages.tryCanariesIfDue(&state)
      try await stages.checkpointIfDue(state)
      stages.report(record, clock.timing, graded)
      checkpointing = clock.sinceMark
    }
    if end == nil { end = try await stages.answerAlarms(&state) }
    try await stages.checkpoint(state)
    return try await stages.finish(end ?? .allSteps, state)
  }
}
