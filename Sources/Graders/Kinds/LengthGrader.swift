import Records

/// Rewards answers of a length: 1 inside the bounds, falling in a straight line to 0 at `falloff` units outside.
struct LengthGrader: SampleGrader {
  let identity: GraderIdentity
  private let input: Template
  private let unit: TextUnit
  private let part: MeasuredStretch.Place
  private let minimum: RowCount?
  private let maximum: RowCount?
  private let falloff: Double

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["input", "unit", "part", "min", "max", "falloff"],
      of: "a length grader")
    let unit: TextUnit? = reader.choice("unit", default: nil)
    input = reader.template("input") ?? .outputText
    part = reader.choice("part", default: .whole) ?? .whole
    minimum = reader.rowCount("min")
    maximum = reader.rowCount("max")
    falloff = reader.number("falloff") ?? 0
    if reader.object["min"] == nil, reader.object["max"] == nil {
      reader.error("max", "missing; expected 'min', 'max' or both")
    }
    if let least = minimum?.fixed, let most = maximum?.fixed, least > most {
      reader.error("min", "is \(least), above max \(most): no length would satisfy both")
    }
    if unit == .tokens, reader.object["input"] != nil {
      reader.error("input", "has no effect with 'unit: tokens', which counts what was sampled; leave it out")
    }
    if let unit, unit != .tokens, reader.object["part"] != nil {
      reader.error("part", "goes with 'unit: tokens'; \(unit.rawValue) are counted in 'input'")
    }
    guard let unit else { return nil }
    (self.identity, self.unit) = (identity, unit)
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    let least = try minimum?.value(for: sample)
    let most = try maximum?.value(for: sample)
    let count: Int
    if unit == .tokens {
      guard let tokens = part.length(of: sample) else { throw part.uncounted }
      count = tokens
    } else {
      switch try input.render(sample) {
      case .text(let text): count = unit.count(in: text)
      case .answerLacks(let reason): return .unreadable(reason)
      }
    }
    let outside = max((least ?? count) - count, count - (most ?? count), 0)
    let reward = outside == 0 ? 1 : falloff > 0 ? max(0, 1 - Double(outside) / falloff) : 0
    return Grade(.reward(reward), metrics: [unit.rawValue: Double(count)])
  }
}
