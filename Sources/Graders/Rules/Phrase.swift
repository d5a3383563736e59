import Records

/// A phrase that a rule looks for; folded when the grader is compiled if it has no variables.
struct Phrase: Sendable {
  private let template: Template
  private let ignoresCase: Bool
  private let fixed: FoldedText?

  init(_ template: Template, ignoringCase: Bool) {
    self.template = template
    ignoresCase = ignoringCase
    fixed = template.literal.map { FoldedText($0, ignoringCase: ignoringCase) }
  }

  /// Whether the phrase has no variables and no letters either.
  var isBlank: Bool { fixed?.isEmpty ?? false }

  /// The phrase for a sample; nil when the answer lacks what it reads, so that it cannot appear.
  ///
  /// - Throws: when the row lacks it, or has it blank: a blank phrase would be in every answer.
  func text(for sample: GradingSample) throws(GradeFailure) -> FoldedText? {
    if let fixed { return fixed }
    guard case .text(let rendered) = try template.render(sample) else { return nil }
    let folded = FoldedText(rendered, ignoringCase: ignoresCase)
    if folded.isEmpty {
      let row = sample.exampleID.isEmpty ? "this item" : "the row '\(sample.exampleID)'"
      throw GradeFailure(
        .invalidVariable,
        "the phrase '\(template.source)' is blank for \(row), and a blank phrase is in every answer; fill the column"
      )
    }
    return folded
  }
}

extension DefinitionReader {
  /// One phrase or a list of them; nil when absent.
  func phrases(_ key: String, ignoringCase: Bool) -> [Phrase]? {
    guard let phrases = templates(key)?.map({ Phrase($0, ignoringCase: ignoringCase) }) else { return nil }
    for (index, phrase) in phrases.enumerated() where phrase.isBlank {
      error(phrases.count == 1 ? key : "\(key)[\(index)]", "is blank; expected text to look for")
    }
    return phrases
  }
}
