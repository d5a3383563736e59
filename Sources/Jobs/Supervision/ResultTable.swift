internal import Records

/// `step_metrics.csv`: a line for every step.
struct ResultTable {
  let plan: Plan
  let parts: GraderParts
  var records: [StepRecord]
  /// Held-out measurements by the number of steps done.
  var valid: [Int: EvaluationSummary]

  var csv: String {
    let kinds = failureKinds
    var header = [
      "step", "train_mean_reward", "full_valid_mean_reward", "full_valid_mean_parse_error",
      "completion_tokens_mean", "reasoning_tokens_mean", "mean_unresponsive_rewards",
    ]
    for part in parts.parts {
      header += kinds.map { "errors/graders/\(part.name)/train_\($0.rawValue)_count" }
    }
    header += kinds.map { "train_\($0.rawValue)_count" }
    header += [
      "pg_loss_sum", "entropy_loss_sum", "total_loss_sum", "learning_rate", "grad_norm", "kl",
      "trained_tokens",
    ]
    return ([header] + records.map { row($0, kinds) }).map {
      $0.map(Self.field).joined(separator: ",") + "\n"
    }
    .joined()
  }

  private var failureKinds: [GradeFailure.Kind] {
    let always: [GradeFailure.Kind] = [.sampleParse, .other]
    return always
      + GradeFailure.Kind.allCases.filter { kind in
        !always.contains(kind) && records.contains { $0.signals.failures.contains { $0.kind == kind } }
      }
  }

  private func row(_ record: StepRecord, _ kinds: [GradeFailure.Kind]) -> [String] {
    let metrics = StepMetrics(plan: plan, parts: parts, record: record, valid: valid[record.step + 1])
    let headline = Dictionary(StepMetrics.headline(record, metrics.valid)) { first, _ in first }
    func text(_ key: String) -> String { Self.text(headline[key]?.double) }
    let tokens = Double(record.trainedTokens)
    let loss = record.update.map { $0.loss * tokens }
    var row = [
      "\(metrics.number)", text("train_mean_reward"), text("full_valid_mean_reward"),
      text("full_valid_mean_parse_error"), text("completion_tokens_mean"), text("reasoning_tokens_mean"),
      text("mean_unresponsive_rewards"),
    ]
    for part in parts.parts { row += kinds.map { "\(metrics.failures(of: part.name, $0))" } }
    row += kinds.map { kind in
      "\(record.signals.failures.filter { $0.kind == kind }.reduce(0) { $0 + $1.count })"
    }
    // The loss has no entropy term.
    row += [Self.text(loss), record.update == nil ? "" : "0", Self.text(loss)]
    row += [
      Self.text(record.update?.learningRate), Self.text(record.update?.gradientNorm),
      Self.text(record.update?.kl), "\(record.trainedTokens)",
    ]
    return row
  }

  private static func text(_ value: Double?) -> String {
    guard let value, value.isFinite else { return "" }
    return "\(value)"
  }

  private static func field(_ text: String) -> String {
    guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
    return "\"" + text.replacing("\"", with: "\"\"") + "\""
  }
}
