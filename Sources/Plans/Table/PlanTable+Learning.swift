import Records

extension PlanTable {
  static let sampling: [PlanField] = [
    .integer("sampling.prompts_per_step", \.sampling.promptsPerStep, from: 1, "Examples in a step."),
    .integer(
      "sampling.episodes_per_prompt", \.sampling.episodesPerPrompt, from: 2,
      "Attempts at each Example; their rewards are compared with one another, so it takes two."),
    .integer("sampling.max_tokens", \.sampling.maxTokens, from: 1, "Most tokens an episode may sample."),
    .number(
      "sampling.temperature", \.sampling.temperature, .aboveZero,
      "Divides the logits, in sampling and in the loss alike."),
    .number(
      "sampling.top_p", \.sampling.topP, .aboveZeroToOne,
      "Keeps the likeliest tokens up to this share of probability; 1 keeps every token."),
    .integer(
      "sampling.top_k", \.sampling.topK, from: 0, "Keeps the k likeliest tokens; 0 keeps every token."),
    .number(
      "sampling.min_p", \.sampling.minP, .belowOne,
      "Drops tokens less likely than this share of the likeliest one; 0 keeps every token."),
    PlanField(
      "sampling.stop", .texts, "Texts that end an episode when they appear.",
      get: { .array($0.sampling.stop.map(JSONValue.string)) },
      set: { $0.sampling.stop = ($1.array ?? []).compactMap(\.string) }),
    .integer(
      "sampling.max_rows", \.sampling.maxRows, from: 1,
      "Most episodes decoded at once; more wait for a row. It bounds the memory of the cache."),
    PlanField(
      "sampling.thinking", .off, "The tokens of a thinking block are counted apart; `off` counts none.",
      defaultNote: "on, with the tags below", get: { $0.sampling.thinking == nil ? .string("off") : nil },
      set: { plan, _ in plan.sampling.thinking = nil }),
    tag("open", \.open, "What opens a thinking block; the template may have written it already."),
    tag("close", \.close, "What closes it; the count is of the tokens up to and including the first one."),
  ]

  private static func tag(
    _ key: String, _ place: any WritableKeyPath<ThinkingPlan, String> & Sendable, _ doc: String
  ) -> PlanField {
    PlanField(
      "sampling.thinking.\(key)", .text, doc,
      get: { $0.sampling.thinking.map { .string($0[keyPath: place]) } },
      set: { plan, value in
        guard let text = value.string else { return }
        var thinking = plan.sampling.thinking ?? ThinkingPlan()
        thinking[keyPath: place] = text
        plan.sampling.thinking = thinking
      })
  }

  static let algorithm: [PlanField] = [
    .choice(
      "algorithm.name", \.algorithm.name,
      "Chooses the defaults of this section; whatever else is given overrides them."),
    .choice(
      "algorithm.aggregation", \.algorithm.aggregation,
      "How token losses become one number: every token alike, every episode alike, or a sum over a fixed length.",
      defaultNote: "by `algorithm.name`"),
    .choice(
      "algorithm.scale", \.algorithm.scale,
      "What advantages are divided by: the standard deviation of the group, of the whole step, or nothing.",
      defaultNote: "by `algorithm.name`"),
    .number(
      "algorithm.clip_low", \.algorithm.clipLow, .belowOne,
      "The probability ratio is clipped below at 1 minus this."),
    .number(
      "algorithm.clip_high", \.algorithm.clipHigh, .zeroOrMore,
      "The probability ratio is clipped above at 1 plus this.", defaultNote: "by `algorithm.name`"),
    .number(
      "algorithm.kl.coefficient", \.algorithm.kl.coefficient, .zeroOrMore,
      "Weight of the divergence from the base model in the loss; 0 turns it off."),
    .choice(
      "algorithm.kl.estimator", \.algorithm.kl.estimator,
      "k2 has the gradient of the KL divergence; k3 is the GRPO paper's, low in variance and biased as a gradient."
    ).written { $0.algorithm.kl.coefficient > 0 || $0.algorithm.kl.estimator != KLPlan().estimator },
    .choice(
      "algorithm.truncated", \.algorithm.truncated,
      "What becomes of answers that the token limit cut off: trained on, left out of the loss, or fined.",
      defaultNote: "by `algorithm.name`"),
    .number(
      "algorithm.truncation_penalty", \.algorithm.truncationPenalty, .aboveZero,
      "What `truncated: penalise` takes from the reward."
    ).written { $0.algorithm.truncated == .penalise },
  ]

  static let training: [PlanField] = [
    .choice(
      "training.method", \.training.method,
      "Low-rank adapters on a frozen model, or all weights."),
    .integer("training.lora.rank", \.training.lora.rank, from: 1, through: 4096, "Rank of the adapters.")
      .written(where: usesAdapters),
    .number(
      "training.lora.alpha", \.training.lora.alpha, .aboveZero, "Adapters are scaled by alpha / rank."
    ).written(where: usesAdapters),
    PlanField(
      "training.lora.targets", .choices(LinearTarget.allCases.map(\.rawValue)),
      "The linear layers that get an adapter.",
      get: { .array($0.training.lora.targets.map { .string($0.rawValue) }) },
      set: {
        $0.training.lora.targets = ($1.array ?? []).compactMap { $0.string.flatMap(LinearTarget.init) }
      }
    ).written(where: usesAdapters),
    .integer("training.steps", \.training.steps, from: 1, "Steps of the run."),
    .number(
      "training.learning_rate", \.training.learningRate, .aboveZero,
      "AdamW's step size. Adapters bear about ten times what all weights bear.",
      defaultNote: "0.0001 with `lora`, 0.00001 with `full`"),
    .integer(
      "training.warmup_steps", \.training.warmupSteps, from: 0,
      "Steps over which the learning rate rises from 0."),
    .choice("training.schedule", \.training.schedule, "The learning rate after warm-up."),
    .number("training.weight_decay", \.training.weightDecay, .zeroOrMore, "AdamW's weight decay."),
    .number("training.beta1", \.training.beta1, .belowOne, "AdamW's decay of the mean gradient."),
    .number("training.beta2", \.training.beta2, .belowOne, "AdamW's decay of the mean squared gradient."),
    .number("training.epsilon", \.training.epsilon, .aboveZero, "AdamW's guard against division by zero."),
    .number(
      "training.gradient_clip", \.training.gradientClip, .zeroOrMore,
      "Largest norm of the whole gradient; 0 leaves it as it is."),
    .integer(
      "training.updates_per_step", \.training.updatesPerStep, from: 1,
      "Optimiser steps made from one step's episodes; above 1 the clip range comes into play."),
    .integer(
      "training.micro_batch_tokens", \.training.microBatchTokens, from: 1,
      "Most tokens that go through the model at once; it bounds memory and does not change the update."),
  ]

  private static let usesAdapters: @Sendable (Plan) -> Bool = { $0.training.method == .lora }
}
