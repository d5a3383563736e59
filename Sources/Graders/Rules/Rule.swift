import Records

/// One rule of a house style: conditions that must all hold, for the rows that it is for.
struct Rule: Sendable {
  let name: String
  let weight: Double
  let rows: RowCondition
  private let conditions: [RuleCondition]
  private let comparison: RuleCondition.Comparison

  private static let units: [(TextUnit, String)] = [
    (.characters, "characters"), (.words, "words"), (.sentences, "sentences"),
  ]
  private static let settings = ["name", "weight", "case_sensitive", "whole_words", "when"]
  private static let conditionKeys =
    [
      "required", "any_of", "forbidden", "starts_with", "ends_with", "pattern", "forbidden_pattern",
    ] + units.flatMap { ["min_\($0.1)", "max_\($0.1)"] } + [
      "min_reading_ease", "max_reading_ease", "min_reading_grade", "max_reading_grade", "shows", "shows_not",
      "forbidden_tone", "max_exclamation_marks", "max_shouted_words", "if_mentions", "if_matches",
      "then_required", "then_any_of",
    ]

  init?(_ reader: DefinitionReader, lists: RuleLists) {
    reader.rejectKeys(besides: ["name", "weight"] + Self.conditionKeys + Self.settings[2...], of: "a rule")
    let ignoresCase = !reader.bool("case_sensitive", default: false)
    comparison = RuleCondition.Comparison(
      ignoresCase: ignoresCase, wholeWords: reader.bool("whole_words", default: false))
    rows =
      reader.object["when"].map {
        RowCondition($0, path: reader.path(of: "when"), problems: reader.problems)
      } ?? .always
    conditions =
      Self.phrases(reader, ignoringCase: ignoresCase) + Self.lengths(reader) + Self.readingLevels(reader)
      + Self.manners(reader, lists) + Self.claim(reader, ignoringCase: ignoresCase)
    if reader.object.keys.allSatisfy(Self.settings.contains) {
      reader.problems.error(
        reader.path,
        "the rule asks for nothing; give it a condition such as required, any_of, forbidden, pattern or max_words"
      )
    }
    let name = reader.requiredString("name", "a short name, which curves and reports show")
    weight = reader.number("weight", excludingLowest: true) ?? 1
    guard let name else { return nil }
    self.name = name
  }

  /// Whether a condition asks how hard the answer is to read.
  var asksForLevel: Bool {
    conditions.contains { condition in
      switch condition {
      case .readingEase, .readingGrade: true
      default: false
      }
    }
  }

  /// Whether all conditions hold.
  ///
  /// - Throws: when the row lacks what a phrase reads, a phrase is blank for this row, or a pattern takes too many steps.
  func holds(for answer: RuleAnswer, of sample: GradingSample) throws(GradeFailure) -> Bool {
    for condition in conditions where try !condition.holds(for: answer, of: sample, comparison) {
      return false
    }
    return true
  }

  // MARK: - Reading the definition

  private static func phrases(_ reader: DefinitionReader, ignoringCase: Bool) -> [RuleCondition] {
    var conditions: [RuleCondition] = []
    if let phrases = reader.phrases("required", ignoringCase: ignoringCase) {
      conditions.append(.required(phrases))
    }
    for (key, place) in [("any_of", FoldedText.Place.anywhere), ("starts_with", .start), ("ends_with", .end)]
    {
      guard let phrases = reader.phrases(key, ignoringCase: ignoringCase) else { continue }
      conditions.append(.anyOf(phrases, at: place))
    }
    if let phrases = reader.phrases("forbidden", ignoringCase: ignoringCase) {
      conditions.append(.forbidden(phrases))
    }
    let options = Pattern.Options(ignoresCase: ignoringCase, isMultiline: true)
    if let pattern = reader.pattern("pattern", options: options) { conditions.append(.matches(pattern)) }
    if let pattern = reader.pattern("forbidden_pattern", options: options) {
      conditions.append(.matchesNot(pattern))
    }
    return conditions
  }

  private static func lengths(_ reader: DefinitionReader) -> [RuleCondition] {
    var conditions: [RuleCondition] = []
    for (unit, word) in units {
      let bounds = (least: reader.count("min_\(word)"), most: reader.count("max_\(word)"))
      if let least = bounds.least { conditions.append(.atLeast(least, unit)) }
      if let most = bounds.most { conditions.append(.atMost(most, unit)) }
      if let least = bounds.least, let most = bounds.most, least > most {
        reader.error("min_\(word)", "is \(least), above max_\(word) \(most): no answer would satisfy both")
      }
    }
    return conditions
  }

  private static func readingLevels(_ reader: DefinitionReader) -> [RuleCondition] {
    func range(_ what: String) -> ClosedRange<Double>? {
      guard reader.object["min_\(what)"] != nil || reader.object["max_\(what)"] != nil else { return nil }
      // Both formulas go below 0 for very hard or very easy texts.
      let least = reader.number("min_\(what)", from: -1000) ?? -.infinity
      let most = reader.number("max_\(what)", from: -1000) ?? .infinity
      guard least <= most else {
        reader.error("min_\(what)", "is \(least), above max_\(what) \(most): no answer would satisfy both")
        return nil
      }
      return least...most
    }
    return [
      range("reading_ease").map(RuleCondition.readingEase),
      range("reading_grade").map(RuleCondition.readingGrade),
    ]
    .compactMap(\.self)
  }

  private static func manners(_ reader: DefinitionReader, _ lists: RuleLists) -> [RuleCondition] {
    let wanted = lists.markers("shows", reader) ?? []
    let unwanted = lists.markers("shows_not", reader) ?? []
    if let both = wanted.first(where: unwanted.contains) {
      reader.error("shows_not", "'\(both.rawValue)' is also in 'shows': no answer would satisfy both")
    }
    var conditions =
      wanted.map { RuleCondition.shows($0, phrases: lists.phrases(of: $0)) }
      + unwanted.map { RuleCondition.showsNot($0, phrases: lists.phrases(of: $0)) }
    if let phrases = lists.phrases(ofTonesIn: "forbidden_tone", reader) {
      conditions.append(.toneWithout(phrases))
    }
    if let most = reader.count("max_exclamation_marks") { conditions.append(.exclamationMarks(atMost: most)) }
    if let most = reader.count("max_shouted_words") {
      conditions.append(.shoutedWords(atMost: most, except: lists.acronyms))
    }
    return conditions
  }

  private static func claim(_ reader: DefinitionReader, ignoringCase: Bool) -> [RuleCondition] {
    let claims = ["if_mentions", "if_matches"]
    let disclaimers = ["then_required", "then_any_of"]
    let claimed = claims.first { reader.object[$0] != nil }
    let disclaimed = disclaimers.first { reader.object[$0] != nil }
    if let claimed, disclaimed == nil {
      reader.error(claimed, "needs 'then_required' or 'then_any_of': what must appear beside the claim")
    }
    if let disclaimed, claimed == nil {
      reader.error(disclaimed, "needs 'if_mentions' or 'if_matches': the claim that calls for it")
    }
    guard claimed != nil, disclaimed != nil else { return [] }
    let claim = RuleCondition.Claim(
      mentions: reader.phrases("if_mentions", ignoringCase: ignoringCase) ?? [],
      pattern: reader.pattern(
        "if_matches", options: Pattern.Options(ignoresCase: ignoringCase, isMultiline: true)),
      required: reader.phrases("then_required", ignoringCase: ignoringCase) ?? [],
      anyOf: reader.phrases("then_any_of", ignoringCase: ignoringCase) ?? [])
    return [.claim(claim)]
  }
}
