import Records

/// One rule of a house style: conditions that must all hold.
struct Rule: Sendable {
  let name: String
  let weight: Double
  private let conditions: [Condition]
  private let ignoresCase: Bool
  private let wholeWords: Bool

  private enum Condition: Sendable {
    /// Every phrase appears.
    case required([Phrase])
    /// At least one phrase appears, at the place.
    case anyOf([Phrase], at: FoldedText.Place)
    /// No phrase appears.
    case forbidden([Phrase])
    case matches(Pattern)
    case matchesNot(Pattern)
    case atLeast(Int, TextUnit)
    case atMost(Int, TextUnit)
  }

  private static let units: [(TextUnit, String)] = [
    (.characters, "characters"), (.words, "words"), (.sentences, "sentences"),
  ]
  private static let keys =
    [
      "name", "weight", "required", "any_of", "forbidden", "starts_with", "ends_with", "pattern",
      "forbidden_pattern",
    ] + units.flatMap { ["min_\($0.1)", "max_\($0.1)"] } + ["case_sensitive", "whole_words"]

  init?(_ reader: DefinitionReader) {
    reader.rejectKeys(besides: Self.keys, of: "a rule")
    ignoresCase = !reader.bool("case_sensitive", default: false)
    wholeWords = reader.bool("whole_words", default: false)
    var conditions: [Condition] = []
    if let phrases = reader.phrases("required", ignoringCase: ignoresCase) {
      conditions.append(.required(phrases))
    }
    for (key, place) in [("any_of", FoldedText.Place.anywhere), ("starts_with", .start), ("ends_with", .end)]
    {
      guard let phrases = reader.phrases(key, ignoringCase: ignoresCase) else { continue }
      conditions.append(.anyOf(phrases, at: place))
    }
    if let phrases = reader.phrases("forbidden", ignoringCase: ignoresCase) {
      conditions.append(.forbidden(phrases))
    }
    let options = Pattern.Options(ignoresCase: ignoresCase, isMultiline: true)
    if let pattern = reader.pattern("pattern", options: options) { conditions.append(.matches(pattern)) }
    if let pattern = reader.pattern("forbidden_pattern", options: options) {
      conditions.append(.matchesNot(pattern))
    }
    for (unit, word) in Self.units {
      let bounds = (least: reader.count("min_\(word)"), most: reader.count("max_\(word)"))
      if let least = bounds.least { conditions.append(.atLeast(least, unit)) }
      if let most = bounds.most { conditions.append(.atMost(most, unit)) }
      if let least = bounds.least, let most = bounds.most, least > most {
        reader.error("min_\(word)", "is \(least), above max_\(word) \(most): no answer would satisfy both")
      }
    }
    let settings = ["name", "weight", "case_sensitive", "whole_words"]
    if reader.object.keys.allSatisfy(settings.contains) {
      let list = Self.keys.filter { !settings.contains($0) }.joined(separator: ", ")
      reader.problems.error(reader.path, "the rule asks for nothing; give it one or more of \(list)")
    }
    self.conditions = conditions
    let name = reader.requiredString("name", "a short name, which curves and reports show")
    weight = reader.number("weight", excludingLowest: true) ?? 1
    guard let name else { return nil }
    self.name = name
  }

  /// Whether all conditions hold.
  ///
  /// - Throws: when the row lacks what a phrase reads, a phrase is blank for this row, or a pattern takes too many steps.
  func holds(for answer: RuleAnswer, of sample: GradingSample) throws(GradeFailure) -> Bool {
    for condition in conditions {
      let holds: Bool
      switch condition {
      case .required(let phrases):
        holds = try count(phrases, in: answer, at: .anywhere, sample) == phrases.count
      case .anyOf(let phrases, let place): holds = try count(phrases, in: answer, at: place, sample) > 0
      case .forbidden(let phrases): holds = try count(phrases, in: answer, at: .anywhere, sample) == 0
      case .matches(let pattern): holds = try pattern.matches(answer.text)
      case .matchesNot(let pattern): holds = try !pattern.matches(answer.text)
      case .atLeast(let count, let unit): holds = unit.count(in: answer.text) >= count
      case .atMost(let count, let unit): holds = unit.count(in: answer.text) <= count
      }
      if !holds { return false }
    }
    return true
  }

  /// How many of the phrases stand at the place.
  private func count(
    _ phrases: [Phrase], in answer: RuleAnswer, at place: FoldedText.Place, _ sample: GradingSample
  ) throws(GradeFailure) -> Int {
    let text = ignoresCase ? answer.folded : answer.foldedKeepingCase
    var count = 0
    for phrase in phrases {
      if let phrase = try phrase.text(for: sample), text.contains(phrase, at: place, asWholeWords: wholeWords)
      {
        count += 1
      }
    }
    return count
  }
}

/// The text that rules look at, folded once for all of them.
struct RuleAnswer {
  let text: String
  let folded: FoldedText
  let foldedKeepingCase: FoldedText

  init(_ text: String) {
    self.text = text
    folded = FoldedText(text, ignoringCase: true)
    foldedKeepingCase = FoldedText(text, ignoringCase: false)
  }
}
