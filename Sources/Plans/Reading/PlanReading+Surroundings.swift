package import Records

/// How many rows a plan's data came to.
package struct RowCounts: Sendable, Hashable {
  package var train: Int
  package var heldOut: Int

  package init(train: Int, heldOut: Int) {
    self.train = train
    self.heldOut = heldOut
  }
}

extension PlanReading {
  /// Adds what only shows against the data and the model: too few rows, answers longer than the context.
  ///
  /// - Parameters:
  ///   - rows: nil when the data could not be read; its own diagnostics then say why.
  ///   - model: nil when the model's header could not be read.
  ///   - longestPrompt: tokens of the longest prompt; 0 where it is not known.
  ///   - start: the shape of the adapter that training goes on from, which is the plan's own from then on.
  package func checked(
    rows: RowCounts?, model: ModelFigures?, longestPrompt: Int? = nil, start: LoRAPlan? = nil
  ) -> PlanReading {
    var reading = self
    if let start {
      reading.diagnostics += problems(with: start)
      reading.plan.training.lora = start
    }
    if let rows { reading.diagnostics += problems(of: rows) }
    if let model { reading.diagnostics += problems(with: model, longestPrompt: longestPrompt ?? 0) }
    return reading
  }

  private func problems(with start: LoRAPlan) -> [Diagnostic] {
    let lora = plan.training.lora
    func problem(_ key: String, _ given: String, _ theirs: String, _ isSame: Bool) -> Diagnostic? {
      guard isGiven("training.lora." + key), !isSame else { return nil }
      return self.problem(
        "training.lora." + key,
        "\(given) was given, and the adapter that training goes on from has \(theirs); leave it out, it is taken over"
      )
    }
    func text(_ targets: [LinearTarget]) -> String { targets.map(\.rawValue).joined(separator: ", ") }
    return [
      problem("rank", "\(lora.rank)", "\(start.rank)", lora.rank == start.rank),
      problem("alpha", "\(lora.alpha)", "\(start.alpha)", lora.alpha == start.alpha),
      problem("targets", text(lora.targets), text(start.targets), Set(lora.targets) == Set(start.targets)),
    ].compactMap(\.self)
  }

  private func problems(of rows: RowCounts) -> [Diagnostic] {
    var found: [Diagnostic] = []
    if rows.train < plan.sampling.promptsPerStep {
      found.append(
        problem(
          "sampling.prompts_per_step",
          "a step takes \(plan.sampling.promptsPerStep) prompts, but there are \(rows.train) training rows; give more rows or set prompts_per_step to \(max(1, rows.train)) or less"
        ))
    }
    let wantsMeasurement = plan.data.heldOut != nil || plan.data.heldOutShare > 0
    if wantsMeasurement, rows.heldOut == 0 {
      found.append(
        problem(
          plan.data.heldOut == nil ? "data.held_out_share" : "data.held_out",
          "no row came to be held out: the run ends without a comparison with the base", severity: .warning))
    }
    return found
  }

  private func problems(with model: ModelFigures, longestPrompt: Int) -> [Diagnostic] {
    var found: [Diagnostic] = []
    let tokens = plan.sampling.maxTokens
    if tokens + longestPrompt >= model.context {
      let prompt = longestPrompt > 0 ? "the longest prompt's \(longestPrompt)" : "a prompt"
      let room = model.context - longestPrompt - 1
      let advice = room > 0 ? "expected at most \(room)" : "shorten the prompts"
      found.append(
        problem(
          "sampling.max_tokens",
          "\(tokens) tokens an answer do not fit the model's context of \(model.context) tokens beside \(prompt); \(advice)"
        ))
    }
    let narrowest = min(model.hidden, model.intermediate)
    if plan.training.method == .lora, plan.training.lora.rank > narrowest {
      found.append(
        problem(
          "training.lora.rank",
          "rank \(plan.training.lora.rank) is more than the model's width of \(narrowest); expected a rank far below it, such as 16"
        ))
    }
    return found
  }
}
