import Records

/// Looks for a regular expression, 1 or 0. A search that takes too many steps is a failure, see ``Pattern``.
struct RegexGrader: SampleGrader {
  let identity: GraderIdentity
  private let input: Template
  private let pattern: Pattern
  private let expected: Bool

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + [
        "input", "pattern", "match", "expect", "case_insensitive", "multiline", "dot_matches_newline",
      ], of: "a regex grader")
    input = reader.template("input") ?? .outputText
    expected = reader.bool("expect", default: true)
    let options = Pattern.Options(
      ignoresCase: reader.bool("case_insensitive", default: false),
      isMultiline: reader.bool("multiline", default: false),
      dotMatchesNewline: reader.bool("dot_matches_newline", default: false))
    let extent: Pattern.Extent? = reader.choice("match", default: .search)
    if reader.object["pattern"] == nil { reader.error("pattern", "missing; expected a regular expression") }
    guard let extent, let pattern = reader.pattern("pattern", extent: extent, options: options) else {
      return nil
    }
    (self.identity, self.pattern) = (identity, pattern)
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    switch try input.render(sample) {
    case .text(let text): Grade(.reward(try pattern.matches(text) == expected ? 1 : 0))
    case .answerLacks(let reason): .unreadable(reason)
    }
  }
}

extension DefinitionReader {
  /// A regular expression; nil when it is absent or was reported.
  func pattern(_ key: String, extent: Pattern.Extent = .search, options: Pattern.Options) -> Pattern? {
    guard let source = string(key) else { return nil }
    do throws(TemplateError) {
      return try Pattern(source, extent: extent, options: options)
    } catch {
      self.error(key, error.message)
      return nil
    }
  }
}
