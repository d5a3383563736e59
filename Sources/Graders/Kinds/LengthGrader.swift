import Records

/// Rewards answers of a length: 1 inside the bounds, falling in a straight line to 0 at `falloff` units outside.
struct LengthGrader: SampleGrader {
  let identity: GraderIdentity
  private let input: Template
  private let unit: TextUnit
  private let minimum: Int?
  private let maximum: Int?
  private let falloff: Double

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["input", "unit", "min", "max", "falloff"], of: "a length grader")
    let unit: TextUnit? = reader.choice("unit", default: nil)
    input = reader.template("input") ?? .outputText
    minimum = reader.count("min")
    maximum = reader.count("max")
    falloff = reader.number("falloff") ?? 0
    if reader.object["min"] == nil, reader.object["max"] == nil {
      reader.error("max", "missing; expected 'min', 'max' or both")
    }
    if let minimum, let maximum, minimum > maximum {
      reader.error("min", "is \(minimum), above max \(maximum): no length would satisfy both")
    }
    if unit == .tokens, reader.object["input"] != nil {
      reader.error("input", "has no effect with 'unit: tokens', which counts what was sampled; leave it out")
    }
    guard let unit else { return nil }
    (self.identity, self.unit) = (identity, unit)
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    let count: Int
    if unit == .tokens {
      guard let tokens = sample.generatedTokens else {
        throw GradeFailure(
          .other,
          "the sample has no token count: only sampled answers have one; use 'unit: words' to grade plain text"
        )
      }
      count = tokens
    } else {
      switch try input.render(sample) {
      case .text(let text): count = unit.count(in: text)
      case .answerLacks(let reason): return .unreadable(reason)
      }
    }
    let outside = max((minimum ?? count) - count, count - (maximum ?? count), 0)
    let reward = outside == 0 ? 1 : falloff > 0 ? max(0, 1 - Double(outside) / falloff) : 0
    return Grade(.reward(reward), metrics: [unit.rawValue: Double(count)])
  }
}
