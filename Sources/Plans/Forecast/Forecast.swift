package import Records

/// What a run will take, roughly: reckoned from the plan, the model's size and measured or guessed rates.
package struct Forecast: Sendable, Hashable {
  /// A named share of memory.
  package struct Part: Sendable, Hashable {
    package var name: String
    package var bytes: Int
  }
  package var memory: [Part]
  package var samplingSeconds: Double
  package var gradingSeconds: Double
  package var updatingSeconds: Double
  /// Held-out measurements of the whole run.
  package var evaluationSeconds: Double
  package var steps: Int

  package var totalBytes: Int { memory.reduce(0) { $0 + $1.bytes } }
  package var stepSeconds: Double { samplingSeconds + gradingSeconds + updatingSeconds }
  package var totalSeconds: Double { Double(steps) * stepSeconds + evaluationSeconds }

  /// - Parameters:
  ///   - promptTokens: mean length of a prompt.
  ///   - answerShare: mean length of an answer over `max_tokens`.
  ///   - machineBytes: the machine's memory; an eighth of it may hold what sampling keeps for the update.
  package init(
    plan: Plan, model: ModelFigures, rows: RowCounts, promptTokens: Int, answerShare: Double = 0.5,
    cores: Int,
    machineBytes: Int, rates: ForecastRates
  ) {
    memory = Self.memory(
      plan, model, promptTokens: promptTokens, answerShare: answerShare, cores: cores,
      machineBytes: machineBytes)
    let answer = Double(plan.sampling.maxTokens) * answerShare
    let episodes = Double(plan.sampling.promptsPerStep * plan.sampling.episodesPerPrompt)
    let seconds = { (answers: Double, promptsOnce: Double) in
      // Reading a prompt runs at the speed of training's forward pass, about three times the whole.
      answers * answer / rates.sampledTokensPerSecond
        + promptsOnce * Double(promptTokens) / (3 * rates.trainedTokensPerSecond)
    }
    samplingSeconds = seconds(episodes, Double(plan.sampling.promptsPerStep))
    gradingSeconds = episodes * rates.gradingSeconds
    // A group's prompt is read once for all its episodes.
    let trained =
      (episodes * answer + Double(plan.sampling.promptsPerStep * promptTokens)) / rates.trainedTokensPerSecond
    updatingSeconds = trained * Double(plan.training.updatesPerStep)
    let taken = { (limit: Int) in Double(limit == 0 ? rows.heldOut : min(limit, rows.heldOut)) }
    let every = plan.evaluation.every
    let during = every == 0 ? 0 : Double((plan.training.steps - 1) / every)
    let answers = 2 * taken(plan.evaluation.prompts) + during * taken(plan.evaluation.promptsDuring)
    evaluationSeconds = seconds(answers, answers) + answers * rates.gradingSeconds
    steps = plan.training.steps
  }
}
