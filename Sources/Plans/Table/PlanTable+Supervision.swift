import Records

extension PlanTable {
  static let evaluation: [PlanField] = [
    .integer(
      "evaluation.every", \.evaluation.every, from: 0,
      "Steps between held-out measurements; 0 measures only before and after."),
    .integer(
      "evaluation.prompts", \.evaluation.prompts, from: 0,
      "Held-out Examples used for the measurements before and after; 0 takes all."),
    .integer(
      "evaluation.prompts_during", \.evaluation.promptsDuring, from: 0,
      "Held-out Examples used for the measurements in between; 0 takes all."),
    .number(
      "evaluation.temperature", \.evaluation.temperature, .zeroOrMore,
      "0 takes the likeliest token; 1 samples as training does."),
    .number(
      "evaluation.full_marks", \.evaluation.fullMarks, .any, "A reward at or above this is full marks."),
    PlanField(
      "evaluation.right", .text,
      "The part of the reward that says whether an answer is right, by having full marks itself. Pass rates and tokens of right answers go by it.",
      defaultNote: "the whole reward", get: { $0.evaluation.right.map(JSONValue.string) },
      set: { $0.evaluation.right = $1.string }),
    PlanField(
      "evaluation.plateau", .off, "Stop when the held-out reward no longer rises; `off` runs all steps.",
      defaultNote: "on, with the values below; off when `evaluation.every` is 0",
      get: { $0.evaluation.plateau == nil ? .string("off") : nil },
      set: { plan, _ in plan.evaluation.plateau = nil }),
    PlanField(
      "evaluation.plateau.patience", .integer(1...Int.max), "Measurements in a row without a gain.",
      get: { $0.evaluation.plateau.map { .integer($0.patience) } },
      set: { plan, value in
        if let value = value.integer { change(&plan) { $0.patience = value } }
      }),
    PlanField(
      "evaluation.plateau.minimum_gain", .number(.zeroOrMore),
      "The least rise of the best held-out reward that counts as a gain.",
      get: { $0.evaluation.plateau.map { .number($0.minimumGain) } },
      set: { plan, value in
        if let value = value.double { change(&plan) { $0.minimumGain = value } }
      }),
  ]

  static let limits: [PlanField] = [
    .number(
      "limits.mismatch", \.limits.mismatch, .aboveZero,
      "Most mean |log-probability of the sampler - of the trainer| over a step's sampled tokens, in nats."),
    .number(
      "limits.grader_errors", \.limits.graderErrors, .share,
      "Largest share of a step's episodes whose grading may fail."),
  ]

  static let checkpoints: [PlanField] = [
    .integer("checkpoints.every", \.checkpoints.every, from: 1, "Steps between checkpoints."),
    .integer(
      "checkpoints.keep", \.checkpoints.keep, from: 1,
      "Checkpoints kept, newest first; the best by held-out reward is kept besides."),
    PlanField(
      "checkpoints.keep_every", .integer(1...Int.max),
      "Checkpoints of every so many steps are kept for good, where one is written there.",
      defaultNote: "none",
      get: { $0.checkpoints.keepEvery.map(JSONValue.integer) }, set: { $0.checkpoints.keepEvery = $1.integer }
    ),
  ]

  private static func change(_ plan: inout Plan, _ body: (inout PlateauPlan) -> Void) {
    var plateau = plan.evaluation.plateau ?? PlateauPlan()
    body(&plateau)
    plan.evaluation.plateau = plateau
  }
}
