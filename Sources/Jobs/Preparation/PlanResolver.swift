internal import Foundation
internal import Plans
internal import Records

/// From what a client chose to a whole plan. Docs/jobs.md has the rules as a table: change both together.
struct PlanResolver {
  /// Steps that a job of automatic length comes to, about.
  static let usualSteps = 60
  /// Measurements in a run with held-out rows, about.
  static let usualMeasurements = 10
  static let samplesPerPrompt = 8
  /// Fewest tokens an answer must have room for beside the longest prompt.
  static let leastAnswer = 16

  /// Sections of the plan that a client may set fields of. The others name files of this machine, or decide what may run
  /// on it.
  static let openSections = [
    "sampling", "algorithm", "training", "evaluation", "limits", "defence", "checkpoints",
  ]

  let choices: TuningChoices
  let ground: TuningGround

  /// - Parameter base: name, seed, model, data and grader are its; the rest is decided here.
  /// - Throws: what is wrong with overrides, and with the plan as a whole.
  func resolve(_ base: Plan, stopsOnPlateau: Bool) throws(InvalidInput) -> ResolvedTuning {
    var plan = base
    var notes: [String] = []
    let measures = ground.rows.heldOut > 0
    // Overrides that choose the defaults of other fields come first, so that these fields still follow them.
    let method = choices.overrides["training.method"].flatMap(TrainingMethod.init) ?? plan.training.method
    plan.training = .defaults(for: method)
    if let start = ground.start { plan.training.lora = start }
    plan.algorithm = .defaults(
      for: choices.overrides["algorithm.name"].flatMap(AlgorithmName.init) ?? plan.algorithm.name)
    plan.sampling.promptsPerStep = batchSize(&notes)
    plan.sampling.episodesPerPrompt = samples
    plan.sampling.maxTokens = maxTokens(default: plan.sampling.maxTokens, &notes)
    let epochs = epochs(batch: plan.sampling.promptsPerStep)
    let stepsPerEpoch = Self.ceiling(ground.rows.train, plan.sampling.promptsPerStep)
    plan.training.steps = max(1, epochs * stepsPerEpoch)
    let usualRate = plan.training.learningRate
    plan.training.learningRate = choices.learningRate ?? usualRate * (choices.learningRateMultiplier ?? 1)
    let tenth = max(1, Int((Double(plan.training.steps) / Double(Self.usualMeasurements)).rounded()))
    let interval = choices.evalInterval ?? tenth
    plan.evaluation.every = measures ? interval : 0
    plan.evaluation.prompts = min(ground.rows.heldOut, 200)
    plan.evaluation.promptsDuring = min(ground.rows.heldOut, 64)
    if !measures || !stopsOnPlateau { plan.evaluation.plateau = nil }
    plan.checkpoints.keepEvery = measures ? interval : tenth
    if let asked = choices.evalSamples, asked > 1 {
      notes.append(
        "eval_samples \(asked) was asked for; held-out rows are measured with one answer each, and an interval over the rows"
      )
    }
    if let effort = choices.reasoningEffort {
      notes.append(
        "reasoning_effort \(effort.rawValue) was asked for; how long this model thinks is not set from outside, so it has no effect"
      )
    }
    if let format = choices.responseFormat, format["type"]?.string != "text" {
      notes.append(
        "response_format was given; answers are not held to it during training, let the grader check the form"
      )
    }
    plan = try overridden(plan)
    return ResolvedTuning(
      plan: plan, resolved: resolved(plan, epochs: epochs, usualRate: usualRate), notes: notes)
  }

  // MARK: The rules

  private func batchSize(_ notes: inout [String]) -> Int {
    let rows = ground.rows.train
    guard let asked = choices.batchSize else {
      let usual =
        switch rows {
        case ..<500: 8
        case ..<2000: 16
        default: 32
        }
      return max(1, min(usual, rows))
    }
    if asked > rows {
      notes.append("batch_size \(asked) is more than the \(rows) training rows there are; it is \(rows)")
    }
    return max(1, min(asked, rows))
  }

  private var samples: Int {
    let usual = Double(Self.samplesPerPrompt) * (choices.computeMultiplier ?? 1)
    return choices.samplesPerPrompt ?? Int(min(64, max(2, usual.rounded())))
  }

  private func epochs(batch: Int) -> Int {
    choices.epochs ?? min(10, max(1, Self.ceiling(Self.usualSteps * batch, max(1, ground.rows.train))))
  }

  private func maxTokens(default usual: Int, _ notes: inout [String]) -> Int {
    let wanted = choices.maxTokens ?? usual
    guard let model = ground.model else { return wanted }
    let room = model.context - ground.prompts.longest - 1
    guard wanted > room, room >= 1 else { return wanted }
    if choices.maxTokens != nil {
      notes.append(
        "\(wanted) tokens an answer do not fit the model's context of \(model.context) beside the longest prompt's \(ground.prompts.longest); it is \(room)"
      )
    }
    return room
  }

  private static func ceiling(_ a: Int, _ b: Int) -> Int { (a + b - 1) / b }

  // MARK: Overrides and checks

  /// The plan with the client's own fields set, checked as a plan from a file is.
  private func overridden(_ plan: Plan) throws(InvalidInput) -> Plan {
    let folder = FileManager.default.temporaryDirectory.path
    let reading = PlanReader(file: "", folder: folder, callerFolder: folder).read(
      PlanWriter.yaml(plan), overrides: Self.options(choices.overrides)
    ).checked(
      rows: ground.rows, model: ground.model, longestPrompt: ground.prompts.longest,
      start: ground.start)
    // The grader was checked before, with what its project may refer to.
    let errors = reading.diagnostics.filter { $0.severity == .error && !$0.path.hasPrefix("grader") }
    guard errors.isEmpty else { throw InvalidInput(errors.map(Self.withoutPlace)) }
    var result = reading.plan
    // As it was ordered, bit for bit, not as it came back from YAML.
    result.grader = plan.grader
    result.data = plan.data
    result.model = plan.model
    return result
  }

  private static func options(_ overrides: [String: String]) -> [String] {
    overrides.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }
  }

  private static func withoutPlace(_ problem: Diagnostic) -> Diagnostic {
    Diagnostic(problem.severity, file: "", path: problem.path, message: problem.message)
  }

  /// What is wrong with overrides, as far as that shows without data and model.
  static func problems(with overrides: [String: String]) -> [Diagnostic] {
    guard !overrides.isEmpty else { return [] }
    var found: [Diagnostic] = []
    var open: [String: String] = [:]
    for (path, text) in overrides.sorted(by: { $0.key < $1.key }) {
      if openSections.contains(where: { path.hasPrefix($0 + ".") }) {
        open[path] = text
      } else {
        found.append(
          Diagnostic(
            .error, file: "", path: path,
            message: "the field cannot be set through a job; expected one of the sections "
              + openSections.joined(separator: ", ")))
      }
    }
    let reading = PlanReader(file: "", folder: "/", callerFolder: "/").read("", overrides: options(open))
    found += reading.diagnostics.filter { $0.severity == .error && $0.file.hasPrefix("--set ") }
      .map(withoutPlace)
    return found
  }

  // MARK: Echo

  private func resolved(_ plan: Plan, epochs: Int, usualRate: Double) -> JSONValue {
    [
      "n_epochs": .integer(epochs),
      "batch_size": .integer(plan.sampling.promptsPerStep),
      "learning_rate_multiplier": .number(
        choices.learningRateMultiplier ?? plan.training.learningRate / usualRate),
      "compute_multiplier": .number(
        choices.computeMultiplier ?? Double(plan.sampling.episodesPerPrompt) / Double(Self.samplesPerPrompt)),
      "eval_interval": .integer(
        plan.evaluation.every == 0 ? plan.checkpoints.keepEvery ?? 1 : plan.evaluation.every),
      "eval_samples": 1,
      "reasoning_effort": .string(choices.reasoningEffort?.rawValue ?? "default"),
      "learning_rate": .number(plan.training.learningRate),
      "samples_per_prompt": .integer(plan.sampling.episodesPerPrompt),
      "max_tokens": .integer(plan.sampling.maxTokens),
      "total_steps": .integer(plan.training.steps),
      "training_rows": .integer(ground.rows.train),
      "validation_rows": .integer(ground.rows.heldOut),
    ]
  }
}
