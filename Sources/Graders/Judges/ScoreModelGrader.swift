import Records

/// OpenAI's `score_model`: a judge gives a number within `range`.
///
/// A number outside is moved to the nearer end and marked by the metric `result_clamped`. `pass_threshold` only
/// decides the metric `passed`, as in OpenAI's evals; it does not change the reward.
struct ScoreModelGrader: Grader {
  let identity: GraderIdentity
  private let judge: PointwiseJudge
  private let range: ClosedRange<Double>
  private let passThreshold: Double?
  private let acceptsBareNumber: Bool

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["range", "pass_threshold", "accept_bare_number"]
        + PointwiseJudge.keys, of: "a score_model grader")
    let range = Self.range(reader)
    passThreshold = reader.threshold()
    if let passThreshold, let range, !range.contains(passThreshold) {
      reader.error(
        "pass_threshold",
        "is \(passThreshold.brief), outside the range \(range.lowerBound.brief) to \(range.upperBound.brief)")
    }
    acceptsBareNumber = reader.bool("accept_bare_number", default: false)
    let form = range.map { VerdictForm.score(from: $0.lowerBound, to: $0.upperBound) }
    let judge = PointwiseJudge(reader, form: form)
    guard let range, let judge else { return nil }
    (self.identity, self.judge, self.range) = (identity, judge, range)
  }

  private static func range(_ reader: DefinitionReader) -> ClosedRange<Double>? {
    guard let value = reader.object["range"], value != .null else { return 0...1 }
    let ends = (value.array ?? []).compactMap(\.double)
    guard ends.count == 2, value.array?.count == 2, ends[0] < ends[1] else {
      reader.error(
        "range", "is \(value.serialised()); expected the lowest and the highest score, such as [0, 1]")
      return nil
    }
    return ends[0]...ends[1]
  }

  func grade(_ group: [GradingSample]) async -> [Grade] {
    let acceptsBareNumber = acceptsBareNumber
    return await judge.grades(of: group, by: identity) { text in
      Self.score(in: text) ?? (acceptsBareNumber ? VerdictText.numberOnLastLine(of: text) : nil)
    } grade: { score in
      let reward = min(max(score, range.lowerBound), range.upperBound)
      var metrics = ["result_clamped": reward == score ? 0.0 : 1.0]
      if let passThreshold { metrics["passed"] = reward >= passThreshold ? 1 : 0 }
      return Grade(.reward(reward), metrics: metrics)
    }
  }

  /// Small models write numbers as text now and then; a text that is a number and nothing else is one.
  private static func score(in text: String) -> Double? {
    let result = VerdictText.result(in: text)
    return (result?.double ?? result?.string.flatMap(Double.init)).flatMap { $0.isFinite ? $0 : nil }
  }
}

extension DefinitionReader {
  /// `pass_threshold`; null is how generated definitions leave it out.
  func threshold() -> Double? {
    guard let value = object["pass_threshold"], value != .null else { return nil }
    guard let number = value.double, number.isFinite else {
      error("pass_threshold", "expected a number, found \(value.kind)")
      return nil
    }
    return number
  }
}
