internal import Checkpoints
internal import CreditAssignment
internal import Datasets
internal import Foundation
internal import Graders
internal import LanguageModels
internal import Records
internal import Rollouts
internal import Torch

/// The stages of a run, built from its plan and brought to where the run stands.
struct RunStages {
  let run: Run
  let lock: RunLock
  let data: RunData
  let order: DatasetOrder
  let model: OpenedModel
  let rollouts: RolloutDriver
  let grading: GradingStage
  let evaluator: Evaluator
  let crediting: Crediting
  let learner: Learner
  let journal: Journal
  /// Where the run stood when these stages were built.
  let state: RunState
  private let started = ContinuousClock.now
  /// Seconds since these stages were built.
  var elapsed: Double { (ContinuousClock.now - started).seconds }

  var plan: Plan { run.plan }
  var sink: any EventSink { run.sink }
  var graderFile: String { run.folder.path + "/grader.json" }

  init(_ run: Run) async throws {
    let plan = run.plan
    self.run = run
    lock = try run.folder.lock()
    try run.folder.removeFailure()
    let store = run.folder.checkpoints
    try store.removeLeftovers()
    let (checkpoint, warnings) = try store.newest()
    for warning in warnings { run.sink.report(.warning(warning)) }
    state =
      try checkpoint?.json(RunState.file, as: RunState.self)
      ?? RunState(shards: ProcessInfo.processInfo.activeProcessorCount)

    run.sink.report(.phase(.loading, detail: "data"))
    data = try RunData(plan.data, seed: plan.seed, promptsPerStep: plan.sampling.promptsPerStep)
    for warning in data.warnings { run.sink.report(.warning(warning.description)) }
    order = DatasetOrder(data.train, seed: plan.seed)
    grading = GradingStage(try GraderCompiler.compile(plan.grader, surroundings: plan.graderSurroundings))
    try Data(plan.grader.serialised(.indented(2)).utf8)
      .write(to: URL(filePath: run.folder.path + "/grader.json"), options: .atomic)

    let device = try plan.model.device.device()
    run.sink.report(
      .phase(.loading, detail: "model \(plan.model.source)" + (device.isCUDA ? " onto \(device)" : "")))
    model = try OpenedModel(source: plan.model.source)
    let context = model.loader.configuration.context
    rollouts = RolloutDriver(model.text, plan: plan.sampling, context: context)
    var held = plan.sampling
    held.temperature = plan.evaluation.temperature
    evaluator = Evaluator(
      rollouts: RolloutDriver(model.text, plan: held, context: context), grading: grading,
      lenient: try plan.lenientGrading,
      plan: plan.evaluation, graderLimit: plan.limits.graderErrors,
      graderFile: run.folder.path + "/grader.json", seed: plan.seed)
    crediting = Crediting(plan.algorithm, maxTokens: plan.sampling.maxTokens)
    let longest = try rollouts.longestPrompt(data.train + data.heldOut)
    learner = try Learner(
      plan, loader: model, positions: longest + plan.sampling.maxTokens, shards: state.shards,
      device: device, start: try plan.model.adapter.map { _ in try run.folder.startingCheckpoint() })
    if let checkpoint { try await learner.restore(from: checkpoint) }
    run.sink.report(.modelLoaded(learner.summary))
    journal = try Journal(
      run.folder, lock: lock, resumingAt: state.step,
      evaluationStep: checkpoint == nil ? state.step : state.step + 1)
    for warning in journal.warnings { run.sink.report(.warning(warning)) }
    try writeStatus(.running, state, reason: "")
  }

  func summary(of state: RunState) -> RunSummary {
    RunSummary(
      name: plan.name, folder: run.folder.path, firstStep: state.step, steps: plan.training.steps,
      trainExamples: data.train.count, heldOutExamples: data.heldOut.count,
      isSandboxed: !plan.unsafeNoSandbox)
  }

  // MARK: The steps of the loop

  /// Samples a step's groups; each goes into `arrivals` as soon as it is complete, so that it is graded while others
  /// are still being sampled.
  func sample(_ examples: [Example], step: Int, into arrivals: AsyncStream<(Int, Group)>.Continuation)
    async throws
  {
    defer { arrivals.finish() }
    let total = examples.count * plan.sampling.episodesPerPrompt
    let sink = sink
    sink.report(.progress(.sampling, done: 0, of: total))
    _ = try await rollouts.run(
      examples, policy: TrainingPolicy(learner: learner), attempts: plan.sampling.episodesPerPrompt,
      streams: { RandomStream(run: plan.seed, step: step, exampleID: $0.id, index: $1) },
      ended: { sink.report(.progress(.sampling, done: $0, of: total)) },
      finished: { arrivals.yield(($0, $1)) })
    sink.report(.phase(.grading, detail: "\(total) answers"))
  }

  func grade(_ arrivals: AsyncStream<(Int, Group)>, at moment: GradingMoment) async throws -> [GradedGroup] {
    let graded = await grading.grade(arrivals, at: moment)
    try GradingTally(graded).check(limit: plan.limits.graderErrors, graderFile: graderFile)
    return graded
  }

  /// One credited part for each optimiser step that the plan makes from a step's groups.
  func credit(_ groups: [GradedGroup]) -> [CreditedStep] {
    let count = min(plan.training.updatesPerStep, groups.count)
    return (0..<count).map { part in
      crediting.credit(Array(groups[part * groups.count / count..<(part + 1) * groups.count / count]))
    }
  }

  func update(_ credited: [CreditedStep], step: Int) async throws -> UpdateRecord? {
    sink.report(.phase(.updating, detail: "step \(step)"))
    return try await learner.update(credited, step: step, mismatchLimit: plan.limits.mismatch)
  }

  func report(_ record: StepRecord, _ timing: StepTiming, _ groups: [GradedGroup]) {
    let tokens = Double(record.sampledTokens) / max(timing.sampling, 1e-9)
    sink.report(.step(record, timing, tokensPerSecond: tokens, sample: rotatingSample(groups, record.step)))
  }

  /// Another place of the batch every step, so that a reader sees good and bad answers.
  private func rotatingSample(_ groups: [GradedGroup], _ step: Int) -> SampleView? {
    guard !groups.isEmpty else { return nil }
    let group = groups[step % groups.count]
    guard !group.episodes.isEmpty else { return nil }
    let entry = group.episodes[step / groups.count % group.episodes.count]
    return SampleView(
      prompt: group.example.messages.last?.text ?? "", answer: entry.episode.outputText, grade: entry.grade,
      tokens: entry.episode.generatedCount, stopReason: entry.episode.stopReason)
  }

  // MARK: State on disk

  func writeStatus(_ status: RunStatus.State, _ state: RunState, reason: String) throws {
    var current = try run.folder.status()
    current.state = status
    current.reason = reason
    current.step = state.step
    current.steps = plan.training.steps
    current.pid = ProcessInfo.processInfo.processIdentifier
    current.host = ProcessInfo.processInfo.hostName
    current.heartbeat = Date()
    try run.folder.write(current)
  }

  func checkpointIfDue(_ state: RunState) async throws {
    if state.step % plan.checkpoints.every == 0 { try await checkpoint(state) }
    try writeStatus(.running, state, reason: "")
  }

  /// Writes the state, unless that of its step is on disk already, and lets old ones go.
  func checkpoint(_ state: RunState, replacing: Bool = false) async throws {
    let store = run.folder.checkpoints
    guard try replacing || !store.steps().contains(state.step) else { return }
    var state = state
    state.seconds += elapsed
    let writer = CheckpointWriting(store: store, state: state)
    let path = try await learner.write(writer)
    sink.report(.checkpoint(step: state.step, path: path))
    let kept = try store.steps().filter(plan.checkpoints.isKept)
    _ = try store.prune(
      keepingNewest: plan.checkpoints.keep,
      protecting: Set([state.step, state.bestStep, try calmCheckpoint(state)].compactMap { $0 } + kept))
  }
}

extension RunState {
  static let file = "run.json"

  /// What the graders of the next step are told of the run.
  var moment: GradingMoment { GradingMoment(step: step, passRates: passRates) }
}

/// A checkpoint to be written by the learner, on its executor.
struct CheckpointWriting: Sendable {
  let store: CheckpointStore
  let state: RunState
}

extension Learner {
  /// Writes a checkpoint and returns its path.
  func write(_ writing: CheckpointWriting) throws -> String {
    let checkpoint = try writing.store.write(step: writing.state.step) { writer in
      try save(to: writer)
      try writer.json(RunState.file, writing.state)
    }
    return checkpoint.path
  }
}
