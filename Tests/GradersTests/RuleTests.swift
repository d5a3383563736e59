import Records
import Testing

@testable import Graders

@Suite struct RuleConditionTests {
  private func holds(_ rule: String, _ text: String, item: String = "{}", lists: String = "") async throws
    -> Bool?
  {
    let grader = try compiled(#"{"type": "rules", \#(lists)"rules": [{"name": "r", \#(rule)}]}"#)
    return try await grader.reward(text, item: item).map { $0 == 1 }
  }

  @Test(arguments: [
    (#""shows": "greeting""#, "Hello Ann, it is done.", true),
    (#""shows": "greeting""#, "It is done. Hello!", false),
    (#""shows": "greeting""#, "History is fine.", false),
    (#""shows": ["thanks", "apology"]"#, "Thanks, and sorry.", true),
    (#""shows": ["thanks", "apology"]"#, "Thanks.", false),
    (#""shows": "please""#, "Could you send it?", true),
    (#""shows_not": "apology""#, "We are sorry.", false), (#""shows_not": "apology""#, "It is done.", true),
    (#""shows": "sign_off""#, "It is done.\n\nBest regards,\nThe Team", true),
    (
      #""shows": "sign_off""#, "Regards to your wife. " + String(repeating: "So it goes on. ", count: 5),
      false
    ),
    (#""forbidden_tone": "rude""#, "That is a stupid idea.", false),
    (#""forbidden_tone": "rude""#, "That is a fine idea.", true),
    (#""forbidden_tone": ["pushy", "slang"]"#, "You gotta see it.", false),
    (#""forbidden_tone": "slang""#, "Abrolhos", true),
    (#""max_exclamation_marks": 1"#, "Hi! Great!", false),
    (#""max_exclamation_marks": 1"#, "Hi! Great.", true),
    (#""max_shouted_words": 0"#, "This is IMPORTANT.", false),
    (#""max_shouted_words": 0"#, "The USA and NATO", false),
    (#""max_shouted_words": 0"#, "The USA and I", true), (#""max_shouted_words": 1"#, "REALLY big", true),
    (#""max_shouted_words": 0"#, "DON'T", false),
    (#""if_mentions": "cures", "then_required": "ask your doctor""#, "It cures colds.", false),
    (
      #""if_mentions": "cures", "then_required": "ask your doctor""#, "It cures colds. Ask your doctor.", true
    ),
    (#""if_mentions": "cures", "then_required": "ask your doctor""#, "It is tasty.", true),
    (#""if_matches": "\\d+%", "then_any_of": ["on average", "up to"]"#, "It grows 5% a year.", false),
    (#""if_matches": "\\d+%", "then_any_of": ["on average", "up to"]"#, "It grows up to 5% a year.", true),
    (
      #""if_mentions": "profit", "if_matches": "returns? of", "then_required": ["risk", "loss"]"#,
      "A return of 5, at a risk.", false
    ),
  ])
  func `a condition holds or not`(rule: String, text: String, expected: Bool) async throws {
    #expect(try await holds(rule, text) == expected, "\(rule) on '\(text)'")
  }

  @Test func `a grader's own phrases are added to the lists`() async throws {
    let lists =
      #""markers": {"greeting": ["ahoy"]}, "tones": {"rude": ["nitwit"], "jargon": ["synergy"]}, "acronyms": ["NATO"], "#
    #expect(try await holds(#""shows": "greeting""#, "Ahoy Ann", lists: lists) == true)
    #expect(try await holds(#""shows": "greeting""#, "Hello Ann", lists: lists) == true)
    #expect(try await holds(#""shows": "greeting""#, "Ahoy Ann") == false)
    #expect(try await holds(#""forbidden_tone": "rude""#, "You nitwit.", lists: lists) == false)
    #expect(try await holds(#""forbidden_tone": "jargon""#, "Synergy wins.", lists: lists) == false)
    #expect(try await holds(#""max_shouted_words": 0"#, "NATO met.", lists: lists) == true)
  }

  @Test func `a rule may be for some rows, and those it is not for do not count`() async throws {
    let grader = try compiled(
      """
      {"type": "rules", "rules": [
        {"name": "polite", "shows": "thanks"},
        {"name": "refund", "required": "refund", "when": {"item.topic": "refund"}, "weight": 3},
        {"name": "late", "required": "tracking", "when": {"item.topic": ["late", "lost"], "item.tier": [1, null]}}]}
      """)
    let refund = try await grader.grade("Thanks.", item: #"{"topic": "refund", "tier": 2}"#)
    #expect(refund.reward == 0.25)
    #expect(refund.subRewards == [.init("polite", 1), .init("refund", 0)])
    #expect(try await grader.reward("Thanks.", item: #"{"topic": "lost", "tier": 1.0}"#) == 0.5)
    #expect(try await grader.reward("Thanks.", item: #"{"topic": "lost"}"#) == 0.5)
    #expect(try await grader.reward("Thanks.", item: #"{"topic": "lost", "tier": 2}"#) == 1)
    // Whatever was answered, a row without the column is a failure.
    #expect(try await grader.grade("", item: "{}").failure?.kind == .invalidVariable)
    let only = try compiled(
      #"{"type": "rules", "rules": [{"name": "a", "required": "x", "when": {"item.t": 1}}]}"#)
    #expect(
      try await only.grade("x", item: #"{"t": 2}"#).failure?.message
        == "none of the rules is for this item; add one without 'when', or drop the row")
  }

  @Test(
    arguments: [
      (
        #"{"name": "r", "shows": "greting"}"#,
        ["grader.rules[0].shows: there is no marker 'greting'; did you mean 'greeting'?"]
      ),
      (
        #"{"name": "r", "shows": [], "shows_not": [3]}"#,
        [
          "grader.rules[0].shows: is an empty list; expected one or more of greeting, thanks, please, apology, sign_off",
          "grader.rules[0].shows_not[0]: expected one of greeting, thanks, please, apology, sign_off; found a number",
        ]
      ),
      (
        #"{"name": "r", "shows": "thanks", "shows_not": "thanks"}"#,
        ["grader.rules[0].shows_not: 'thanks' is also in 'shows': no answer would satisfy both"]
      ),
      (
        #"{"name": "r", "forbidden_tone": ["rude", "loud"]}"#,
        [
          "grader.rules[0].forbidden_tone[1]: there is no tone 'loud'; expected one of blaming, condescending, hype, pushy, rude, slang"
        ]
      ),
      (
        #"{"name": "r", "if_mentions": "x"}"#,
        [
          "grader.rules[0].if_mentions: needs 'then_required' or 'then_any_of': what must appear beside the claim"
        ]
      ),
      (
        #"{"name": "r", "then_required": "x"}"#,
        ["grader.rules[0].then_required: needs 'if_mentions' or 'if_matches': the claim that calls for it"]
      ),
      (
        #"{"name": "r", "min_reading_ease": 70, "max_reading_ease": 60}"#,
        [
          "grader.rules[0].min_reading_ease: is 70.0, above max_reading_ease 60.0: no answer would satisfy both"
        ]
      ),
      (
        #"{"name": "r", "required": "x", "when": {}}"#,
        [
          "grader.rules[0].when: expected an object from columns to values, such as {\"item.topic\": \"refund\"}; found an empty object"
        ]
      ),
      (
        #"{"name": "r", "required": "x", "when": {"sample.output_text": "a", "itm.x": 1, "item.y": []}}"#,
        [
          "grader.rules[0].when.sample.output_text: is about the answer; a rule can be for some rows, not for some answers",
          "grader.rules[0].when.itm.x: '{{itm.x}}' starts with 'itm'; a variable starts with item or sample; did you mean 'item'?",
          "grader.rules[0].when.item.y: is an empty list; expected the values the rule is for",
        ]
      ),
      (
        #"{"name": "r", "when": {"item.x": 1}}"#,
        [
          "grader.rules[0]: the rule asks for nothing; give it a condition such as required, any_of, forbidden, pattern or max_words"
        ]
      ),
    ] as [(String, [String])])
  func `mistakes are reported when the grader is compiled`(rule: String, expected: [String]) throws {
    #expect(try problems(#"{"type": "rules", "rules": [\#(rule)]}"#) == expected)
  }

  @Test func `mistakes in the lists are reported`() throws {
    let definition =
      #"{"type": "rules", "markers": {"bye": ["x"]}, "tones": {"rude": "x"}, "acronyms": ["A", "{{item.a}}", " "], "rules": [{"name": "a", "required": "x"}]}"#
    #expect(
      try problems(definition) == [
        "grader.markers.bye: there is no marker 'bye'; expected one of greeting, thanks, please, apology, sign_off",
        "grader.tones.rude: expected a list of phrases, found a string",
        "grader.acronyms[1]: expected a phrase without variables, found '{{item.a}}'",
        "grader.acronyms[2]: expected a phrase without variables, found ' '",
      ])
  }

  @Test func `the lists in the documents are those in use`() throws {
    let page = try repositoryFile("Docs/writing-a-grader.md")
    for list in PolitenessMarker.allCases.map(\.phrases) + Tone.allCases.map(\.phrases) {
      #expect(page.contains("| \(list.joined(separator: ", ")) |"))
    }
  }
}

@Suite struct ReadingLevelTests {
  @Test(
    arguments: [
      ("cat", 1), ("table", 2), ("tables", 2), ("whole", 1), ("apple", 2), ("make", 1), ("makes", 1),
      ("boxes", 2),
      ("changes", 2), ("wanted", 2), ("walked", 1), ("needed", 2), ("agree", 2), ("the", 1), ("rhythm", 1),
      ("beautiful", 3), ("university", 5), ("don't", 1), ("42", 0), ("caf\u{E9}", 2), ("reading", 2),
      ("eye", 1),
      ("information", 4), ("Understand", 3), ("die", 1), ("happy", 2),
    ] as [(String, Int)])
  func `syllables are counted by rule`(word: String, count: Int) {
    #expect(ReadingLevel.syllables(in: word.unicodeScalars[...]) == count, "\(word)")
  }

  /// Six words, one sentence, six syllables: 206.835 - 1.015 * 6 - 84.6 and 0.39 * 6 + 11.8 - 15.59.
  @Test func `the formulas are Flesch's and Kincaid's`() throws {
    let level = try #require(ReadingLevel("The cat sat on the mat."))
    #expect((level.ease - 116.145).magnitude < 1e-9)
    #expect((level.grade - -1.45).magnitude < 1e-9)
    // 4 words, 2 sentences, 10 syllables (in-for-ma-tion, u-ni-ver-si-ty wins: 4 + 5, then 1 and 1 make 11).
    let hard = try #require(ReadingLevel("Information university. It wins."))
    #expect((hard.ease - (206.835 - 1.015 * 2 - 84.6 * 11 / 4)).magnitude < 1e-9)
    #expect((hard.grade - (0.39 * 2 + 11.8 * 11 / 4 - 15.59)).magnitude < 1e-9)
    #expect(ReadingLevel(" ... ") == nil)
    #expect(ReadingLevel("well-known")?.ease == ReadingLevel("beside")?.ease)
  }

  @Test func `a rule bounds the level and reports it`() async throws {
    let grader = try compiled(
      #"{"type": "rules", "rules": [{"name": "plain", "min_reading_ease": 60}, {"name": "grade", "max_reading_grade": 8, "min_reading_grade": -5}]}"#
    )
    let easy = try await grader.grade("The cat sat on the mat.")
    #expect(easy.reward == 1)
    #expect((easy.metrics["reading_ease"] ?? 0) > 116 && (easy.metrics["reading_grade"] ?? 0) < -1)
    let hard = "Institutional accountability necessitates comprehensive organisational transparency."
    #expect(try await grader.reward(hard) == 0)
    #expect(try await grader.reward("...") == 0)
  }
}
