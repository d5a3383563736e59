import Plans
import Records
import Testing

@testable import Jobs

struct PlanResolverTests {
  private func resolve(
    rows: Int, heldOut: Int = 20, _ change: (inout TuningChoices) -> Void = { _ in }
  ) throws -> ResolvedTuning {
    var choices = TuningChoices()
    change(&choices)
    let ground = TuningGround(
      rows: RowCounts(train: rows, heldOut: heldOut), hasValidationFile: true,
      prompts: PromptLengths(of: [], model: nil),
      model: ModelFigures(
        parameters: 1000, layers: 2, hidden: 64, intermediate: 128, heads: 4, kvHeads: 4, headSize: 16,
        vocabulary: 500, context: 2048))
    let base = Plan(
      name: "n", data: DataPlan(train: .file("/dev/null"), heldOut: "/dev/zero"),
      grader: ["type": "regex", "pattern": "a"])
    return try PlanResolver(choices: choices, ground: ground).resolve(
      base, stopsOnPlateau: choices.epochs == nil)
  }

  /// Rows, then what they come to: batch, epochs, steps, interval.
  @Test(arguments: [
    (1, 1, 10, 10, 1), (10, 8, 10, 20, 2), (100, 8, 5, 65, 7), (499, 8, 1, 63, 6), (500, 16, 2, 64, 6),
    (2000, 32, 1, 63, 6), (50_000, 32, 1, 1563, 156),
  ])
  func `what is left to us follows from the rows`(
    _ rows: Int, _ batch: Int, _ epochs: Int, _ steps: Int, _ interval: Int
  )
    throws
  {
    let result = try resolve(rows: rows)
    #expect(result.plan.sampling.promptsPerStep == batch)
    #expect(result.resolved["n_epochs"]?.integer == epochs)
    #expect(result.plan.training.steps == steps)
    #expect(result.plan.evaluation.every == interval)
    #expect(result.plan.checkpoints.keepEvery == interval)
    #expect(result.plan.sampling.episodesPerPrompt == 8)
    #expect(result.plan.training.learningRate == TrainingPlan().learningRate)
    #expect(result.plan.evaluation.plateau != nil)
    #expect(result.notes.isEmpty)
  }

  @Test func `what is chosen is taken`() throws {
    let result = try resolve(rows: 100) {
      $0.epochs = 3
      $0.batchSize = 5
      $0.learningRateMultiplier = 0.5
      $0.computeMultiplier = 2
      $0.evalInterval = 9
      $0.maxTokens = 64
    }
    #expect(result.plan.training.steps == 60)
    #expect(result.plan.training.learningRate == 0.5e-4)
    #expect(result.plan.sampling.episodesPerPrompt == 16)
    #expect(result.plan.evaluation.every == 9)
    #expect(result.plan.sampling.maxTokens == 64)
    #expect(result.plan.evaluation.plateau == nil, "three epochs were asked for")
    #expect(result.resolved["learning_rate_multiplier"] == 0.5)
    #expect(result.resolved["compute_multiplier"] == 2.0)
  }

  @Test(arguments: [(1e-5, 2), (0.1, 2), (0.3, 2), (1.0, 8), (1.5, 12), (8.0, 64), (10.0, 64)])
  func `compute buys answers to each prompt, from two to sixty-four`(_ multiplier: Double, _ samples: Int)
    throws
  {
    #expect(
      try resolve(rows: 10) { $0.computeMultiplier = multiplier }.plan.sampling.episodesPerPrompt == samples)
  }

  @Test func `without held-out rows nothing is measured, and checkpoints are kept all the same`() throws {
    let result = try resolve(rows: 100, heldOut: 0)
    #expect(result.plan.evaluation.every == 0 && result.plan.evaluation.plateau == nil)
    #expect(result.plan.checkpoints.keepEvery == 7)
  }

  @Test func `training all weights has a rate of its own`() throws {
    let result = try resolve(rows: 100) {
      $0.overrides["training.method"] = "full"
      $0.learningRateMultiplier = 2
    }
    #expect(result.plan.training.method == .full)
    #expect(abs(result.plan.training.learningRate - 2e-5) < 1e-12)
  }
}
