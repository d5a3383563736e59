import Records

/// The weighted share of named rules that an answer keeps; each rule is a sub-reward of 1 or 0.
///
/// An answer without any text keeps no rule, not even those that only forbid: saying nothing is no way to comply. A rule
/// that is not for a row has no part in that row's reward.
struct RuleListGrader: SampleGrader {
  let identity: GraderIdentity
  private let input: Template
  private let rules: [Rule]
  private let asksForLevel: Bool

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["input", "rules", "markers", "tones", "acronyms"],
      of: "a rules grader")
    input = reader.template("input") ?? .outputText
    let lists = RuleLists(reader)
    guard let list = reader.object["rules"]?.array, !list.isEmpty else {
      let found = reader.object["rules"].map { $0.array == nil ? $0.kind : "an empty list" } ?? "nothing"
      reader.error("rules", "expected a list of rules, each with a name; found \(found)")
      return nil
    }
    var rules: [Rule] = []
    var places: [String: Int] = [:]
    for (index, element) in list.enumerated() {
      let path = "\(reader.path(of: "rules"))[\(index)]"
      guard let object = element.object else {
        reader.problems.error(path, "expected a rule, an object with a name; found \(element.kind)")
        continue
      }
      guard let rule = Rule(reader.inside(object, path: path), lists: lists) else {
        continue
      }
      if let first = places.updateValue(index, forKey: rule.name) {
        reader.problems.error(
          "\(path).name", "'\(rule.name)' is also the name of rules[\(first)]; names must differ")
      }
      rules.append(rule)
    }
    self.identity = identity
    self.rules = rules
    asksForLevel = rules.contains(where: \.asksForLevel)
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    let text: String
    switch try input.render(sample) {
    case .text(let rendered): text = rendered
    case .answerLacks(let reason): return .unreadable(reason)
    }
    let answer = RuleAnswer(text, measuringLevel: asksForLevel)
    var kept = 0.0
    var total = 0.0
    var subRewards: [Grade.SubReward] = []
    subRewards.reserveCapacity(rules.count)
    for rule in rules where try rule.rows.holds(for: sample) {
      total += rule.weight
      // Asked even of an empty answer, so that a row that lacks a column fails whatever was answered.
      let holds = try rule.holds(for: answer, of: sample) && !answer.folded.isEmpty
      if holds { kept += rule.weight }
      subRewards.append(Grade.SubReward(rule.name, holds ? 1 : 0))
    }
    guard total > 0 else {
      let row = sample.exampleID.isEmpty ? "this item" : "the row '\(sample.exampleID)'"
      throw GradeFailure(
        .invalidVariable, "none of the rules is for \(row); add one without 'when', or drop the row")
    }
    var metrics: [String: Double] = [:]
    if let level = answer.readingLevel {
      metrics = ["reading_ease": level.ease, "reading_grade": level.grade]
    }
    return Grade(.reward(kept == total ? 1 : kept / total), subRewards: subRewards, metrics: metrics)
  }
}
