import Records

/// One condition of a rule.
enum RuleCondition: Sendable {
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
  /// Flesch's reading ease, Flesch and Kincaid's grade.
  case readingEase(ClosedRange<Double>)
  case readingGrade(ClosedRange<Double>)
  case shows(PolitenessMarker, phrases: [FoldedText])
  case showsNot(PolitenessMarker, phrases: [FoldedText])
  /// None of the phrases of a tone appears, as whole words.
  case toneWithout([FoldedText])
  case exclamationMarks(atMost: Int)
  case shoutedWords(atMost: Int, except: Set<String>)
  /// Where a claim is made, all the phrases appear, and one of the last list.
  case claim(Claim)

  /// What calls for a disclaimer, and the disclaimer.
  struct Claim: Sendable {
    var mentions: [Phrase]
    var pattern: Pattern?
    var required: [Phrase]
    var anyOf: [Phrase]
  }

  /// How a rule's phrases are compared.
  struct Comparison: Sendable {
    var ignoresCase: Bool
    var wholeWords: Bool
  }

  /// - Throws: when the row lacks what a phrase reads, a phrase is blank for this row, or a pattern takes too many steps.
  func holds(
    for answer: RuleAnswer, of sample: GradingSample, _ comparison: Comparison
  ) throws(GradeFailure) -> Bool {
    func count(_ phrases: [Phrase], at place: FoldedText.Place = .anywhere) throws(GradeFailure) -> Int {
      try Self.count(phrases, in: answer, at: place, sample, comparison)
    }
    switch self {
    case .required(let phrases): return try count(phrases) == phrases.count
    case .anyOf(let phrases, let place): return try count(phrases, at: place) > 0
    case .forbidden(let phrases): return try count(phrases) == 0
    case .matches(let pattern): return try pattern.matches(answer.text)
    case .matchesNot(let pattern): return try !pattern.matches(answer.text)
    case .atLeast(let count, let unit): return unit.count(in: answer.text) >= count
    case .atMost(let count, let unit): return unit.count(in: answer.text) <= count
    case .readingEase(let range): return answer.readingLevel.map { range.contains($0.ease) } ?? false
    case .readingGrade(let range): return answer.readingLevel.map { range.contains($0.grade) } ?? false
    case .shows(let marker, let phrases): return marker.stands(in: answer.folded, phrases: phrases)
    case .showsNot(let marker, let phrases): return !marker.stands(in: answer.folded, phrases: phrases)
    case .toneWithout(let phrases):
      return !phrases.contains { answer.folded.contains($0, asWholeWords: true) }
    case .exclamationMarks(let most): return Loudness.exclamationMarks(in: answer.text) <= most
    case .shoutedWords(let most, let acronyms):
      return Loudness.shoutedWords(in: answer.text, except: acronyms) <= most
    case .claim(let claim):
      // All phrases are read whether or not the claim is made, so that a row that lacks a column always fails.
      let said = try (count(claim.required), count(claim.anyOf))
      let isDisclaimed = said.0 == claim.required.count && (claim.anyOf.isEmpty || said.1 > 0)
      let isMentioned = try count(claim.mentions) > 0
      let isMatched = try claim.pattern?.matches(answer.text) ?? false
      return isDisclaimed || !(isMentioned || isMatched)
    }
  }

  /// How many of the phrases stand at the place.
  private static func count(
    _ phrases: [Phrase], in answer: RuleAnswer, at place: FoldedText.Place, _ sample: GradingSample,
    _ comparison: Comparison
  ) throws(GradeFailure) -> Int {
    let text = comparison.ignoresCase ? answer.folded : answer.foldedKeepingCase
    var count = 0
    for phrase in phrases {
      if let phrase = try phrase.text(for: sample),
        text.contains(phrase, at: place, asWholeWords: comparison.wholeWords)
      {
        count += 1
      }
    }
    return count
  }
}

/// The text that rules look at, folded and measured once for all of them.
struct RuleAnswer {
  let text: String
  let folded: FoldedText
  let foldedKeepingCase: FoldedText
  /// nil for a text without words, and where no rule asks.
  let readingLevel: ReadingLevel?

  init(_ text: String, measuringLevel: Bool) {
    self.text = text
    folded = FoldedText(text, ignoringCase: true)
    foldedKeepingCase = FoldedText(text, ignoringCase: false)
    readingLevel = measuringLevel ? ReadingLevel(text) : nil
  }
}
