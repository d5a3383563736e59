import Records

extension PlanTable {
  static let defence: [PlanField] = canaries + gap + drift

  private static let actions = AlarmAction.allCases.map(\.rawValue)

  private static let canaries: [PlanField] = [
    PlanField(
      "defence.canaries", .off,
      "Give the grader answers that deserve nothing, before the start and at each measurement; `off` does not.",
      defaultNote: "on, with the values below",
      get: { $0.defence.canaries == nil ? .string("off") : nil },
      set: { plan, _ in plan.defence.canaries = nil }),
    canary(
      "prompts", .integer(1...Int.max), "Examples that each canary answers.", { .integer($0.prompts) },
      { canaries, value in value.integer.map { canaries.prompts = $0 } }),
    canary(
      "limit", .number(.aboveZeroToOne),
      "A canary that is paid this share of full marks, in the mean, is an alarm.", { .number($0.limit) },
      { canaries, value in value.double.map { canaries.limit = $0 } }),
    canary(
      "action", .choice(actions), "What an alarm does.", { .string($0.action.rawValue) },
      { canaries, value in value.string.flatMap(AlarmAction.init).map { canaries.action = $0 } }),
  ]

  private static let gap: [PlanField] = [
    .number(
      "defence.gap.warn", \.defence.gap.warn, .aboveZero,
      "Growth of trained minus held-out reward since the first step that is worth a warning."),
    .number(
      "defence.gap.stop", \.defence.gap.stop, .aboveZero, "Growth at which the action is taken."),
    .integer("defence.gap.window", \.defence.gap.window, from: 1, "Steps that are taken together."),
    .choice("defence.gap.action", \.defence.gap.action, "What a gap beyond `stop` does."),
  ]

  private static let drift: [PlanField] = [
    PlanField(
      "defence.drift", .off, "Watch how answers change from those of the first step; `off` does not.",
      defaultNote: "on, with the values below",
      get: { $0.defence.drift == nil ? .string("off") : nil },
      set: { plan, _ in plan.defence.drift = nil }),
    change(
      "window", .integer(1...Int.max), "Steps that are taken together.", { .integer($0.window) },
      { drift, value in value.integer.map { drift.window = $0 } }),
    change(
      "action", .choice(actions), "What an alarm does.", { .string($0.action.rawValue) },
      { drift, value in value.string.flatMap(AlarmAction.init).map { drift.action = $0 } }),
    limit(
      "length_above", .aboveOne, \.lengthAbove, "Most tokens an answer, as a multiple of the first step's."),
    limit(
      "length_below", .betweenZeroAndOne, \.lengthBelow,
      "Fewest tokens an answer, as a multiple of the first step's."),
    limit("format", .aboveZero, \.format, "Largest fall of the share of answers that the grader can read."),
    limit(
      "repetition", .aboveZero, \.repetition, "Largest rise of the share of an answer that repeats itself."),
    limit(
      "language", .aboveZero, \.language, "Largest fall of the share of answers in the first step's language."
    ),
    limit("entropy", .betweenZeroAndOne, \.entropy, "Lowest entropy, as a multiple of the first step's."),
    limit(
      "kl", .aboveZero, \.kl, "Most KL divergence from the base model, nats a token, where it is measured."),
    limit(
      "identical", .aboveZero, \.identical,
      "Largest rise of the share of answers that another prompt got as well."),
    limit(
      "part", .aboveZero, \.part, "Largest fall of one part of the reward while the whole of it rises."),
  ]

  private static func canary(
    _ key: String, _ kind: PlanField.Kind, _ doc: String,
    _ get: @escaping @Sendable (CanaryPlan) -> JSONValue,
    _ set: @escaping @Sendable (inout CanaryPlan, JSONValue) -> Void?
  ) -> PlanField {
    PlanField(
      "defence.canaries." + key, kind, doc, get: { $0.defence.canaries.map(get) },
      set: { plan, value in
        var canaries = plan.defence.canaries ?? CanaryPlan()
        _ = set(&canaries, value)
        plan.defence.canaries = canaries
      })
  }

  private static func change(
    _ key: String, _ kind: PlanField.Kind, _ doc: String, _ get: @escaping @Sendable (DriftPlan) -> JSONValue,
    _ set: @escaping @Sendable (inout DriftPlan, JSONValue) -> Void?
  ) -> PlanField {
    PlanField(
      "defence.drift." + key, kind, doc, get: { $0.defence.drift.map(get) },
      set: { plan, value in
        var drift = plan.defence.drift ?? DriftPlan()
        _ = set(&drift, value)
        plan.defence.drift = drift
      })
  }

  private static func limit(
    _ key: String, _ range: NumberRange, _ path: any WritableKeyPath<DriftPlan, Double> & Sendable,
    _ doc: String
  ) -> PlanField {
    change(
      key, .number(range), doc, { .number($0[keyPath: path]) },
      { drift, value in value.double.map { drift[keyPath: path] = $0 } })
  }
}
