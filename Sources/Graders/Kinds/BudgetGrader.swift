import Records

/// Rewards answers that keep within a number of tokens, which each row may set for itself: 1 up to the budget, then
/// falling in a straight line to 0 at `falloff` times the budget beyond it. Spending less earns nothing more.
///
/// An answer that the token limit cut off is 0: it would have gone on.
struct BudgetGrader: SampleGrader {
  let identity: GraderIdentity
  private let budget: RowCount
  private let part: MeasuredStretch.Place
  private let falloff: Double

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["tokens", "part", "falloff"], of: "a budget grader")
    if reader.object["tokens"] == nil {
      reader.error("tokens", "missing; expected a whole number or a template such as {{item.budget}}")
    }
    let budget = reader.rowCount("tokens")
    if budget?.fixed == 0 { reader.error("tokens", "is 0, which no answer can keep; expected at least 1") }
    part = reader.choice("part", default: .whole) ?? .whole
    falloff = reader.number("falloff") ?? 0
    guard let budget else { return nil }
    (self.identity, self.budget) = (identity, budget)
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    let budget = Double(max(1, try self.budget.value(for: sample)))
    guard let count = part.length(of: sample) else { throw part.uncounted }
    let used = Double(count) / budget
    let metrics = ["tokens": Double(count), "budget_used": used]
    if sample.isTruncated { return Grade(.reward(0), metrics: metrics) }
    let reward = used <= 1 ? 1 : falloff > 0 ? max(0, 1 - (used - 1) / falloff) : 0
    return Grade(.reward(reward), metrics: metrics)
  }
}
