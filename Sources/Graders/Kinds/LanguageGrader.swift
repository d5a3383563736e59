import Records

/// Rewards answers in an expected language or script: the share of their letters that are in it, or with `min_share`
/// 1 from that share on and 0 below.
///
/// What cannot be told (no letters, or too few words) gets `undetermined`.
struct LanguageGrader: SampleGrader {
  let identity: GraderIdentity
  private let input: Template
  private let expected: [Template]
  private let minShare: Double?
  private let undetermined: Double

  /// A language or a script, as a definition or a row names it.
  private enum Target {
    case language(String)
    case script(Script)

    /// Codes of Norwegian's two written forms, and those with a region (`pt-BR`), are taken as the language.
    init?(_ name: String) {
      if let script = Script.allCases.first(where: { $0.rawValue.lowercased() == name.lowercased() }) {
        self = .script(script)
        return
      }
      let base = name.lowercased().prefix { $0 != "-" && $0 != "_" }
      let code = base == "nb" || base == "nn" ? "no" : String(base)
      guard TextLanguage.codes.contains(code) else { return nil }
      self = .language(code)
    }

    static let advice =
      "expected a language (\(TextLanguage.codes.joined(separator: ", "))) or a script "
      + "(\(Script.allCases.map(\.rawValue).joined(separator: ", ")))"
  }

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["input", "expected", "min_share", "undetermined"],
      of: "a language grader")
    input = reader.template("input") ?? .outputText
    if reader.object["expected"] == nil {
      reader.error(
        "expected", "missing; expected a language such as \"en\", a list of them, or {{item.language}}")
    }
    let expected = reader.templates("expected")
    for name in expected?.compactMap(\.literal) ?? [] where Target(name) == nil {
      reader.error("expected", "'\(name)' is not known; \(Target.advice)")
    }
    minShare = reader.number("min_share")
    if let minShare, minShare > 1 {
      reader.error("min_share", "is \(minShare); expected a share of at most 1")
    }
    undetermined = reader.number("undetermined") ?? 0
    guard let expected else { return nil }
    (self.identity, self.expected) = (identity, expected)
  }

  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    let text: String
    switch try input.render(sample) {
    case .text(let rendered): text = rendered
    case .answerLacks(let reason): return .unreadable(reason)
    }
    let shares = LanguageShares(text)
    var share = 0.0
    var namesLanguage = false
    for template in expected {
      let name: String
      switch try template.render(sample) {
      case .text(let rendered): name = rendered
      case .answerLacks(let reason): return .unreadable(reason)
      }
      switch Target(name) {
      case .language(let code):
        share += shares.languages[code] ?? 0
        namesLanguage = true
      case .script(let script): share += shares.scripts[script] ?? 0
      case nil:
        throw GradeFailure(
          .invalidVariable,
          "the expected language \(template.source) is '\(name.prefix(40))'; \(Target.advice)")
      }
    }
    share = min(share, 1)
    if shares.letterCount == 0 || (namesLanguage && shares.languages.isEmpty && share == 0) {
      return Grade(.reward(undetermined), metrics: ["language_undetermined": 1])
    }
    let reward = minShare.map { share >= $0 ? 1 : 0 } ?? share
    return Grade(.reward(reward), metrics: ["language_share": share, "language_undetermined": 0])
  }
}
