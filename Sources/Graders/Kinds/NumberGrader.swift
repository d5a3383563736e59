import Records

/// Compares a number of the answer with a reference number, 1 or 0.
///
/// An answer without a number is wrong (0); a reference without one is a failure. The metric `answer_found` tells
/// format from skill: its mean is the share of answers that had a number in the place asked for.
struct NumberGrader: SampleGrader {
  let identity: GraderIdentity
  private let input: Template
  private let reference: Template
  private let absolute: Double
  private let relative: Double
  private let pick: NumberPick
  private let marker: String

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + [
        "input", "reference", "tolerance_absolute", "tolerance_relative", "pick", "marker",
      ], of: "a number grader")
    let reference = reader.requiredTemplate("reference", "a number or a template such as {{item.answer}}")
    if let literal = reference?.literal, NumberPick.only.pick(from: literal, marker: "") == nil {
      reader.error("reference", "'\(literal)' is not a number; expected one number or a template for one")
    }
    let pick: NumberPick? = reader.choice("pick", default: reader.object["marker"] == nil ? .last : .after)
    let marker = reader.string("marker") ?? "Answer:"
    if marker.utf8.allSatisfy({ $0 <= 0x20 }) {
      reader.error("marker", "is blank; expected the text before the result, such as \"Answer:\"")
    }
    if reader.object["marker"] != nil, let pick, pick != .after {
      reader.error("marker", "has no effect with 'pick: \(pick.rawValue)'; use 'pick: after' or leave it out")
    }
    input = reader.template("input") ?? .outputText
    absolute = reader.number("tolerance_absolute") ?? 0
    relative = reader.number("tolerance_relative") ?? 0
    guard let reference, let pick else { return nil }
    (self.identity, self.reference, self.pick, self.marker) = (identity, reference, pick, marker)
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    let expected: String
    switch try reference.render(sample) {
    case .text(let text): expected = text
    case .answerLacks(let reason): return .unreadable(reason)
    }
    guard let reference = NumberPick.only.pick(from: expected, marker: "") else {
      let row = sample.exampleID.isEmpty ? "" : " of the row '\(sample.exampleID)'"
      throw GradeFailure(
        .invalidVariable,
        "the reference \(self.reference.source)\(row) is '\(expected.prefix(80))'; expected exactly one number"
      )
    }
    let text: String
    switch try input.render(sample) {
    case .text(let rendered): text = rendered
    case .answerLacks(let reason): return .unreadable(reason)
    }
    guard let number = pick.pick(from: text, marker: marker) else {
      return Grade(.reward(0), metrics: ["answer_found": 0])
    }
    let agrees = number.agrees(with: reference, absolute: absolute, relative: relative)
    return Grade(.reward(agrees ? 1 : 0), metrics: ["answer_found": 1])
  }
}
