internal import Datasets
internal import Graders
internal import LanguageModels
internal import Records
internal import Rollouts

extension WorkerRequest {
  /// Measures a policy, and its base on the same Examples when asked to.
  func evaluate(_ request: EvaluationRequest, _ sink: any EventSink) async throws {
    let plan = request.plan
    sink.report(.phase(.loading, detail: "data"))
    let data = try RunData(plan.data, seed: plan.seed, promptsPerStep: 1)
    for warning in data.warnings { sink.report(.warning(warning.description)) }
    let pool = data.heldOut.isEmpty ? data.train : data.heldOut
    let examples = plan.evaluation.prompts == 0 ? pool : Array(pool.prefix(plan.evaluation.prompts))
    let grader = GradingStage(try GraderCompiler.compile(plan.grader, surroundings: plan.graderSurroundings))

    sink.report(.phase(.loading, detail: "model \(request.policy.modelPath)"))
    let opened = try OpenedModel(source: request.policy.modelPath)
    var sampling = plan.sampling
    sampling.temperature = plan.evaluation.temperature
    let driver = RolloutDriver(opened.text, plan: sampling, context: opened.loader.configuration.context)
    let evaluator = Evaluator(
      rollouts: driver, grading: grader, lenient: try plan.lenientGrading, plan: plan.evaluation,
      graderLimit: plan.limits.graderErrors,
      graderFile: "grader.json", seed: plan.seed)
    let positions = try driver.longestPrompt(examples) + sampling.maxTokens

    func measure(_ source: PolicySource, _ detail: String) async throws -> (EvaluationSummary, [GradedGroup])
    {
      let model = try ServedModel(source, opened: opened, positions: positions)
      sink.report(.modelLoaded(model.summary))
      sink.report(.phase(.evaluating, detail: detail))
      return try await evaluator.measure(examples, model) {
        sink.report(.progress(.evaluating, done: $0, of: examples.count))
      }
    }
    let (summary, tuned) = try await measure(request.policy, "\(examples.count) prompts")
    sink.report(.evaluated(summary))
    guard request.compareWithBase else { return }
    var base = request.policy
    base.runFolder = nil
    let (_, before) = try await measure(base, "\(examples.count) prompts with the base model")
    sink.report(
      .comparison(
        evaluator.compare(base: before, tuned: tuned, versions: (base: 0, tuned: summary.policyVersion))))
  }
}
