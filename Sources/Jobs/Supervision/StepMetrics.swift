internal import Records

/// A step's figures under every name that a client is known to read: OpenAI's two spellings, those of supervised
/// tuning (null), and the six that Bedrock's notebooks plot.
struct StepMetrics {
  let plan: Plan
  let parts: GraderParts
  var record: StepRecord
  var timing: StepTiming?
  /// The held-out measurement after this step, if there was one.
  var valid: EvaluationSummary?
  /// What judges used for this step, by model.
  var judgeTokens: [String: JudgeTokens] = [:]

  /// Steps are counted from 1 on the wire.
  var number: Int { record.step + 1 }

  /// As Bedrock's OpenAI-compatible jobs say it, whose figures are in the event's data only.
  var briefMessage: String { "Step \(number)/\(plan.training.steps): training metrics" }

  var message: String {
    var text = "Step \(number)/\(plan.training.steps) , train mean reward=\(Self.two(record.reward))"
    if let valid {
      text += ", full validation mean reward=\(Self.two(valid.reward.mean))"
      text += ", full validation mean parse error=\(Self.two(Self.parseError(valid) ?? 0))"
    }
    return text
  }

  var json: JSONValue {
    var object = JSONObject()
    object["step"] = .integer(number)
    object["total_steps"] = .integer(plan.training.steps)
    for (key, value) in Self.headline(record, valid) { object[key] = value }
    for (key, value) in bedrock { object[key] = value }
    for key in Self.supervisedKeys { object[key] = .null }
    object["train_loss"] = Self.number(record.update?.loss)
    object["learning_rate"] = Self.number(record.update?.learningRate)
    object["kl"] = Self.number(record.update?.kl)
    object["clipped_share"] = Self.number(record.update?.clippedShare)
    object["truncated_share"] = Self.number(record.truncatedShare)
    object["zero_variance_share"] = Self.number(record.zeroVarianceShare)
    object["model_graders_token_usage"] = tokenUsage
    object["usage"] = ["graders": .array(judgeUsage), "samples": sampleUsage]
    object["errors"] = ["graders": .array(errors)]
    object["scores"] = scores
    object["timing"] = times
    return .object(object)
  }

  /// A checkpoint's figures.
  static func checkpoint(step: Int, _ record: StepRecord?, _ valid: EvaluationSummary?) -> JSONValue {
    var object = JSONObject([("step", .integer(step))])
    for (key, value) in headline(record, valid) { object[key] = value }
    for key in supervisedKeys { object[key] = .null }
    object["train_loss"] = number(record?.update?.loss)
    return .object(object)
  }

  static let supervisedKeys = [
    "train_loss", "train_mean_token_accuracy", "valid_loss", "valid_mean_token_accuracy", "full_valid_loss",
    "full_valid_mean_token_accuracy",
  ]

  static func headline(_ record: StepRecord?, _ valid: EvaluationSummary?) -> [(String, JSONValue)] {
    let train = number(record?.reward)
    let measured = number(valid?.reward.mean)
    let unresponsive = record.map { record in
      let count = record.signals.failures.filter { $0.kind == .unresponsiveReward }.reduce(0) {
        $0 + $1.count
      }
      return Double(count) / Double(max(1, record.episodes))
    }
    return [
      ("train_mean_reward", train), ("train_reward_mean", train),
      ("full_valid_mean_reward", measured), ("valid_reward_mean", measured),
      ("full_valid_mean_parse_error", number(valid.flatMap(parseError))),
      ("reasoning_tokens_mean", number(record.map { $0.tokenUse?.thinking ?? 0 })),
      ("completion_tokens_mean", number(record?.meanTokens)),
      ("valid_reasoning_tokens_mean", number(valid.map { $0.tokenUse?.thinking?.mean ?? 0 })),
      ("mean_unresponsive_rewards", number(unresponsive)),
    ]
  }

  /// Share of held-out answers that the grader could not read.
  static func parseError(_ valid: EvaluationSummary) -> Double? {
    if let form = valid.form { return 1 - form.mean }
    return valid.examples > 0 ? Double(valid.failedGrades) / Double(valid.examples) : nil
  }

  /// Of the update, or, where there was none, as far as the answers tell of it.
  private var entropy: Double? {
    record.update?.entropy ?? record.signals.entropy ?? record.signals.sampledEntropy
  }

  /// A step that found nothing to learn from moved nothing: its loss and gradient are 0. Advantages are differences from
  /// a group's own mean, so that theirs is 0 by construction.
  private var bedrock: [(String, JSONValue)] {
    [
      ("critic_rewards_mean", Self.number(record.reward)),
      ("critic_advantages_mean", .number(0)),
      ("actor_pg_loss", Self.number(record.update?.loss ?? 0)),
      ("actor_entropy", Self.number(entropy)),
      ("actor_grad_norm", Self.number(record.update?.gradientNorm ?? 0)),
      ("response_length_mean", Self.number(record.meanTokens)),
    ]
  }

  // MARK: The nested objects

  private var tokenUsage: JSONValue {
    var object = JSONObject()
    for model in Set(parts.parts.compactMap(\.model)).union(judgeTokens.keys).sorted() {
      let used = judgeTokens[model]
      object[model] = [
        "train_prompt_tokens": Self.integer(used?.prompt), "train_cached_tokens": Self.integer(used?.cached),
        "train_completion_tokens": Self.integer(used?.completion), "eval_prompt_tokens": nil,
        "eval_cached_tokens": nil, "eval_completion_tokens": nil,
      ]
    }
    return .object(object)
  }

  /// Tokens are counted by model: they are a grader's own where no other uses its model.
  private var judgeUsage: [JSONValue] {
    parts.parts.compactMap { part in
      guard let model = part.model else { return nil }
      let isAlone = parts.parts.count { $0.model == model } == 1
      let used = isAlone ? judgeTokens[model] : nil
      let mean = { (tokens: Int?) in
        Self.number(tokens.map { Double($0) / Double(max(1, record.episodes)) })
      }
      return [
        "name": .string(part.name), "type": .string(part.type), "model": .string(model),
        "train_prompt_tokens_mean": mean(used?.prompt),
        "train_prompt_tokens_count": .integer(record.episodes),
        "train_completion_tokens_mean": mean(used?.completion),
        "train_completion_tokens_count": .integer(record.episodes), "valid_prompt_tokens_mean": nil,
        "valid_prompt_tokens_count": nil, "valid_completion_tokens_mean": nil,
        "valid_completion_tokens_count": nil,
      ]
    }
  }

  private var sampleUsage: JSONValue {
    [
      "train_reasoning_tokens_mean": Self.number(record.tokenUse?.thinking ?? 0),
      "train_reasoning_tokens_count": .integer(record.episodes),
      "valid_reasoning_tokens_mean": Self.number(valid.map { $0.tokenUse?.thinking?.mean ?? 0 }),
      "valid_reasoning_tokens_count": Self.integer(valid?.examples),
    ]
  }

  /// Every grader with every kind of failure that OpenAI names, and those that happened besides.
  private var errors: [JSONValue] {
    let named: [GradeFailure.Kind] = [
      .other, .sampleParse, .invalidVariable, .pythonServer, .pythonRuntime, .modelServer, .modelParse,
    ]
    let kinds =
      named
      + GradeFailure.Kind.allCases.filter { kind in
        !named.contains(kind) && record.signals.failures.contains { $0.kind == kind }
      }
    return parts.parts.map { part in
      var object = JSONObject([("name", .string(part.name)), ("type", .string(part.type))])
      for kind in kinds {
        let count = failures(of: part.name, kind)
        object["train_\(kind.rawValue)_mean"] = .number(Double(count) / Double(max(1, record.episodes)))
        object["train_\(kind.rawValue)_count"] = .integer(count)
      }
      return .object(object)
    }
  }

  func failures(of grader: String, _ kind: GradeFailure.Kind) -> Int {
    record.signals.failures.filter { failure in
      failure.kind == kind && (parts.parts.count == 1 || failure.grader == grader)
    }.reduce(0) { $0 + $1.count }
  }

  private var scores: JSONValue {
    let graders: [JSONValue] = parts.parts.map { part in
      let isWhole = parts.parts.count == 1
      let train = isWhole ? record.reward : Self.value(of: part.name, record.subRewards)
      let measured = isWhole ? valid?.reward.mean : valid.flatMap { Self.value(of: part.name, $0.subRewards) }
      return [
        "name": .string(part.name), "type": .string(part.type), "train_reward_mean": Self.number(train),
        "valid_reward_mean": Self.number(measured),
      ]
    }
    return [
      "train_reward_mean": Self.number(record.reward), "valid_reward_mean": Self.number(valid?.reward.mean),
      "graders": .array(graders),
    ]
  }

  /// Grading runs beside sampling: the latency is the time that a step waited for it, by answer.
  private var times: JSONValue {
    let latency = timing.map { $0.grading / Double(max(1, record.episodes)) }
    return [
      "step": [
        "eval": Self.number(timing?.checkpointing), "sampling": Self.number(timing?.sampling),
        "grading": Self.number(timing?.grading), "training": Self.number(timing?.updating),
        "full_iteration": Self.number(timing?.total),
      ],
      "graders": .array(
        parts.parts.map { part in
          [
            "name": .string(part.name), "type": .string(part.type),
            "train_execution_latency_mean": Self.number(latency), "valid_execution_latency_mean": nil,
          ]
        }),
    ]
  }

  private static func value(of name: String, _ values: [Grade.SubReward]) -> Double? {
    values.first { $0.name == name }?.value
  }

  /// JSON has no word for NaN.
  static func number(_ value: Double?) -> JSONValue {
    guard let value, value.isFinite else { return .null }
    return .number(value)
  }

  static func integer(_ value: Int?) -> JSONValue {
    guard let value else { return .null }
    return .integer(value)
  }

  static func two(_ value: Double) -> String {
    guard value.isFinite else { return "none" }
    let hundredths = Int((abs(value) * 100).rounded())
    let digits = hundredths % 100
    return (value < 0 && hundredths > 0 ? "-" : "") + "\(hundredths / 100).\(digits < 10 ? "0" : "")\(digits)"
  }
}
