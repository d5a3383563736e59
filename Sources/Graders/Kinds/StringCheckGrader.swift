import Records

/// OpenAI's `string_check`: compares two templates, 1 or 0.
struct StringCheckGrader: SampleGrader {
  enum Operation: String, CaseIterable {
    case equal = "eq"
    case unequal = "ne"
    /// How OpenAI's guides write `ne`.
    case unequalLong = "neq"
    /// The reference is contained in the input.
    case contains = "like"
    case containsIgnoringCase = "ilike"
  }
  let identity: GraderIdentity
  private let input: Template
  private let reference: Template
  private let operation: Operation

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["input", "reference", "operation"], of: "a string_check grader")
    let input = reader.requiredTemplate("input", "a template such as {{sample.output_text}}")
    let reference = reader.requiredTemplate("reference", "a template such as {{item.answer}}")
    let operation: Operation? = reader.choice("operation", default: nil)
    guard let input, let reference, let operation else { return nil }
    (self.identity, self.input, self.reference, self.operation) = (identity, input, reference, operation)
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    let input: String
    let reference: String
    switch (try self.input.render(sample), try self.reference.render(sample)) {
    case (.text(let left), .text(let right)): (input, reference) = (left, right)
    case (.answerLacks(let reason), _), (_, .answerLacks(let reason)): return .unreadable(reason)
    }
    let holds =
      switch operation {
      case .equal: input == reference
      case .unequal, .unequalLong: input != reference
      case .contains: input.utf8Contains(reference)
      case .containsIgnoringCase: input.lowercased().utf8Contains(reference.lowercased())
      }
    return Grade(.reward(holds ? 1 : 0))
  }
}
