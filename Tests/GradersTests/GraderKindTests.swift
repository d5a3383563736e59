import Records
import Testing

@testable import Graders

@Suite struct StringCheckTests {
  @Test(
    arguments: [
      ("eq", "Yes", "Yes", 1), ("eq", "yes", "Yes", 0), ("ne", "no", "yes", 1), ("neq", "yes", "yes", 0),
      ("like", "say yes now", "yes", 1), ("like", "say YES now", "yes", 0),
      ("ilike", "say YES now", "yes", 1),
      ("ilike", "yes", "say yes", 0), ("like", "anything", "", 1),
      ("ilike", "STRASSE \u{C9}T\u{C9}", "\u{E9}t\u{E9}", 1),
    ] as [(String, String, String, Double)])
  func `operations compare as OpenAI's do`(
    operation: String, input: String, reference: String, reward: Double
  )
    async throws
  {
    let grader = try compiled(
      """
      {"type": "string_check", "input": "{{sample.output_text}}", "reference": "{{item.r}}", "operation": "\(operation)"}
      """)
    #expect(try await grader.reward(input, item: "{\"r\": \"\(reference)\"}") == reward)
  }

  @Test func `a missing column is a failure and an answer that is not JSON is wrong`() async throws {
    let grader = try compiled(
      """
      {"type": "string_check", "name": "city", "input": "{{sample.output_json.city}}", "reference": "{{item.city}}", "operation": "eq"}
      """)
    #expect(try await grader.reward(#"{"city": "Oslo"}"#, item: #"{"city": "Oslo"}"#) == 1)
    let unreadable = try await grader.grade("Oslo", item: #"{"city": "Oslo"}"#)
    #expect(unreadable.reward == 0)
    #expect(unreadable.metrics == ["sample_parse_error": 1])
    let failed = try await grader.grade(#"{"city": "Oslo"}"#)
    #expect(failed.failure?.kind == .invalidVariable)
    #expect(failed.failure?.grader == "city")
    #expect(failed.graderVersion == grader.identity.version)
  }
}

@Suite struct NumberGraderTests {
  @Test func `an answer without a number is wrong, a reference without one is a failure`() async throws {
    let grader = try compiled(#"{"type": "number", "reference": "{{item.answer}}", "marker": "Answer:"}"#)
    let right = try await grader.grade("6 + 6 is 12. Answer: 12", item: #"{"answer": 12}"#)
    #expect(right.reward == 1 && right.metrics == ["answer_found": 1])
    let wrong = try await grader.grade("12 it is. Answer: 13", item: #"{"answer": 12}"#)
    #expect(wrong.reward == 0 && wrong.metrics == ["answer_found": 1])
    let none = try await grader.grade("12", item: #"{"answer": "12"}"#)
    #expect(none.reward == 0 && none.metrics == ["answer_found": 0])
    let failed = try await grader.grade("Answer: 12", item: #"{"answer": "a dozen"}"#)
    #expect(failed.failure?.kind == .invalidVariable)
    #expect(
      failed.failure?.message
        == "the reference {{item.answer}} is 'a dozen'; expected exactly one number")
    #expect(
      try await grader.grade("Answer: 12", item: #"{"answer": "1 or 2"}"#).failure?.kind == .invalidVariable)
    #expect(try await grader.grade("Answer: 12").failure?.kind == .invalidVariable)
  }

  @Test func `tolerance and pick come from the definition`() async throws {
    let grader = try compiled(
      #"{"type": "number", "reference": 3.14159, "pick": "boxed", "tolerance_absolute": 0.01}"#)
    #expect(try await grader.reward("\\boxed{3.14}") == 1)
    #expect(try await grader.reward("\\boxed{3.1}") == 0)
    #expect(try await grader.reward("3.14") == 0)
    let relative = try compiled(
      #"{"type": "number", "input": "{{sample.output_json.x}}", "reference": "200", "tolerance_relative": 0.1}"#
    )
    #expect(try await relative.reward(#"{"x": 185}"#) == 1)
    #expect(try await relative.reward(#"{"x": 175}"#) == 0)
    #expect(try await relative.reward(#"{"y": 185}"#) == 0)
  }
}

@Suite struct RegexGraderTests {
  @Test(
    arguments: [
      (#"{"pattern": "\\d{4}"}"#, "in 2024", 1), (#"{"pattern": "\\d{4}"}"#, "in 24", 0),
      (#"{"pattern": "\\d{4}", "match": "full"}"#, "in 2024", 0),
      (#"{"pattern": "\\d{4}", "match": "full"}"#, "2024", 1),
      (#"{"pattern": "a|ab", "match": "full"}"#, "ab", 1), (#"{"pattern": "yes", "expect": false}"#, "no", 1),
      (#"{"pattern": "yes", "expect": false}"#, "yes", 0),
      (#"{"pattern": "YES", "case_insensitive": true}"#, "yes", 1),
      (#"{"pattern": "^b$"}"#, "a\nb", 0), (#"{"pattern": "^b$", "multiline": true}"#, "a\nb", 1),
      (#"{"pattern": "a.b"}"#, "a\nb", 0), (#"{"pattern": "a.b", "dot_matches_newline": true}"#, "a\nb", 1),
      (#"{"pattern": "é+"}"#, "\u{1F600}éé", 1), (#"{"pattern": "x", "input": "{{item.t}}"}"#, "y", 1),
    ] as [(String, String, Double)])
  func `patterns search or match whole`(fields: String, text: String, reward: Double) async throws {
    var definition = try #require(try JSONValue(parsing: fields).object)
    definition["type"] = "regex"
    let grader = try GraderCompiler.compile(.object(definition))
    #expect(try await grader.reward(text, item: #"{"t": "x"}"#) == reward)
  }

  @Test func `a pattern that backtracks without end is a failure, the same one every time`() async throws {
    let grader = try compiled(#"{"type": "regex", "pattern": "(a+)+b"}"#)
    let text = String(repeating: "a", count: 60)
    let grade = try await grader.grade(text)
    #expect(grade.failure?.kind == .other)
    #expect(
      grade.failure?.message
        == "the pattern '(a+)+b' takes too many steps on an answer of 60 characters; avoid a repeat inside a repeat, such as (a+)+"
    )
    #expect(try await grader.grade(text).outcome == grade.outcome)
    #expect(try await grader.reward(text + "b") == 1)
  }

  @Test func `an honest search through a long answer is no failure`() async throws {
    let grader = try compiled(#"{"type": "regex", "pattern": "within \\d+ business days"}"#)
    let text = String(repeating: "hello world within five days ", count: 20_000)
    #expect(try await grader.reward(text) == 0)
    #expect(try await grader.reward(text + "within 2 business days") == 1)
  }
}

@Suite struct LengthGraderTests {
  @Test(
    arguments: [
      (#"{"unit": "words", "max": 3}"#, "one two three", 1), (#"{"unit": "words", "max": 3}"#, "a b c d", 0),
      (#"{"unit": "words", "max": 3, "falloff": 4}"#, "a b c d", 0.75),
      (#"{"unit": "words", "max": 3, "falloff": 4}"#, "a b c d e f g h", 0),
      (#"{"unit": "words", "min": 4, "falloff": 4}"#, "a b", 0.5),
      (#"{"unit": "words", "min": 1, "max": 2}"#, "- a , b -", 1),
      (#"{"unit": "characters", "max": 2}"#, "e\u{301}\u{1F468}\u{200D}\u{1F469}", 1),
      (#"{"unit": "sentences", "max": 2}"#, "One. Two! ", 1),
      (#"{"unit": "sentences", "max": 2}"#, "One. Two! Three", 0),
      (#"{"unit": "sentences", "max": 1}"#, "It is 3.14 now...", 1),
      (#"{"unit": "sentences", "min": 2}"#, "\"Go.\" He went.", 1),
      (#"{"unit": "sentences", "min": 1}"#, "...", 0), (#"{"unit": "words", "min": 1}"#, "", 0),
    ] as [(String, String, Double)])
  func `lengths fall off in a straight line outside the bounds`(fields: String, text: String, reward: Double)
    async throws
  {
    var definition = try #require(try JSONValue(parsing: fields).object)
    definition["type"] = "length"
    let grader = try GraderCompiler.compile(.object(definition))
    #expect(try await grader.reward(text) == reward)
  }

  @Test func `tokens are those sampled, and a text without a count is a failure`() async throws {
    let grader = try compiled(#"{"type": "length", "unit": "tokens", "max": 10, "falloff": 10}"#)
    #expect(try await grader.reward("x", tokens: 10) == 1)
    #expect(try await grader.grade("x", tokens: 15).reward == 0.5)
    #expect(try await grader.grade("x", tokens: 15).metrics == ["tokens": 15])
    #expect(
      try await grader.grade("x").failure?.message
        == "the sample has no token count for 'whole': only sampled answers have one; use 'unit: words' of a length grader to grade plain text"
    )
  }

  @Test func `tokens of the answer and of the thinking block are told apart`() async throws {
    func length(_ part: String, _ thinking: Int?) async throws -> Grade {
      let grader = try compiled(#"{"type": "length", "unit": "tokens", "part": "\#(part)", "max": 10}"#)
      return await grader.grade([
        GradingSample(outputText: "x", generatedTokens: 25, thinkingTokens: thinking)
      ])[0]
    }
    #expect(try await length("answer", 15).metrics == ["tokens": 10])
    #expect(try await length("answer", 15).reward == 1)
    #expect(try await length("thinking", 15).reward == 0)
    #expect(try await length("whole", nil).reward == 0)
    #expect(try await length("answer", nil).failure?.kind == .other)
  }

  @Test func `a bound may be the row's own`() async throws {
    let grader = try compiled(
      #"{"type": "length", "unit": "words", "min": "{{item.least}}", "max": "{{item.most}}", "falloff": 2}"#)
    #expect(try await grader.reward("a b c", item: #"{"least": 1, "most": "3"}"#) == 1)
    #expect(try await grader.reward("a b c", item: #"{"least": 1, "most": 2.0}"#) == 0.5)
    for item in [
      "{}", #"{"least": 1, "most": "few"}"#, #"{"least": -1, "most": 3}"#, #"{"least": 1.5, "most": 3}"#,
    ] {
      #expect(try await grader.grade("", item: item).failure?.kind == .invalidVariable, "\(item)")
    }
  }
}

@Suite struct BudgetGraderTests {
  private func grade(
    _ fields: String, tokens: Int?, thinking: Int? = nil, item: String = "{}", isTruncated: Bool = false
  ) async throws -> Grade {
    let sample = GradingSample(
      outputText: "x", item: try JSONValue(parsing: item).object ?? JSONObject(), generatedTokens: tokens,
      thinkingTokens: thinking, isTruncated: isTruncated)
    return await (try compiled(#"{"type": "budget", \#(fields)}"#)).grade([sample])[0]
  }

  @Test(
    arguments: [
      (#""tokens": 100"#, 100, 1), (#""tokens": 100"#, 101, 0), (#""tokens": 100"#, 1, 1),
      (#""tokens": 100, "falloff": 0.5"#, 125, 0.5), (#""tokens": 100, "falloff": 0.5"#, 150, 0),
      (#""tokens": "{{item.b}}", "falloff": 1"#, 60, 0.8), (#""tokens": 40, "part": "answer""#, 60, 1),
      (#""tokens": 19, "part": "thinking""#, 60, 0),
    ] as [(String, Int, Double)])
  func `a budget is kept or overrun by a share of it`(fields: String, tokens: Int, reward: Double)
    async throws
  {
    let grade = try await grade(fields, tokens: tokens, thinking: 20, item: #"{"b": 50}"#)
    #expect(try abs(#require(grade.reward) - reward) < 1e-12)
  }

  @Test func `an answer that was cut off is over any budget, and one without a count is a failure`()
    async throws
  {
    #expect(try await grade(#""tokens": 100"#, tokens: 50, isTruncated: true).reward == 0)
    #expect(try await grade(#""tokens": 100"#, tokens: 50).metrics == ["tokens": 50, "budget_used": 0.5])
    #expect(try await grade(#""tokens": 100"#, tokens: nil).failure?.kind == .other)
    #expect(try await grade(#""tokens": "{{item.b}}""#, tokens: 5).failure?.kind == .invalidVariable)
  }
}

@Suite struct RuleListTests {
  private func holds(_ rule: String, _ text: String, item: String = "{}") async throws -> Bool? {
    let grader = try compiled(#"{"type": "rules", "rules": [{"name": "r", \#(rule)}]}"#)
    return try await grader.reward(text, item: item).map { $0 == 1 }
  }

  @Test(arguments: [
    (#""required": "Order 12""#, "your order  12 is", true), (#""required": ["a", "b"]"#, "a only", false),
    (#""required": ["a", "b"]"#, "b and a", true), (#""any_of": ["sorry", "thanks"]"#, "Thanks!", true),
    (#""any_of": ["sorry", "thanks"]"#, "Hello", false),
    (#""forbidden": ["guarantee", "100%"]"#, "it is 100% safe", false),
    (#""forbidden": "guarantee""#, "We Guaranteed it", false), (#""forbidden": "guarantee""#, "fine", true),
    (#""forbidden": "guarantee", "whole_words": true"#, "guaranteed", true),
    (#""required": "Al", "whole_words": true"#, "Also", false),
    (#""required": "Al", "whole_words": true"#, "Also Al.", true),
    (#""required": "YES", "case_sensitive": true"#, "yes", false),
    (#""required": "don't""#, "I don\u{2019}t", true),
    (#""starts_with": "Dear Ann""#, "\n dear Ann, hi", true),
    (#""starts_with": "Dear Ann""#, "Oh dear Ann", false),
    (#""starts_with": ["Hi", "Hello"]"#, "Hello", true),
    (#""ends_with": "Best,\nThe Team""#, "x Best, The Team \n", true),
    (#""ends_with": "The Team""#, "The Team.", false),
    (#""pattern": "\\bin \\d+ days\\b""#, "In 3 days", true),
    (#""pattern": "DAYS", "case_sensitive": true"#, "days", false),
    (#""forbidden_pattern": "!{2,}""#, "Wow!!", false),
    (#""forbidden_pattern": "!{2,}""#, "Wow!", true), (#""max_words": 3"#, "a b c d", false),
    (#""max_words": 3, "min_words": 2"#, "a b", true),
    (#""min_sentences": 2"#, "One.", false), (#""max_sentences": 1"#, "One. Two.", false),
    (#""max_characters": 3"#, "abcd", false),
    (#""min_characters": 3"#, "abcd", true), (#""required": "a", "forbidden": "b""#, "a b", false),
    (#""forbidden": "x""#, "", false), (#""forbidden": "x""#, " \n", false),
  ])
  func `a rule holds when all its conditions do`(rule: String, text: String, expected: Bool) async throws {
    #expect(try await holds(rule, text) == expected, "\(rule) on '\(text)'")
  }

  @Test func `phrases read the row, and a blank or missing column is a failure`() async throws {
    let rule = #""starts_with": "Dear {{item.name}}", "whole_words": true"#
    #expect(try await holds(rule, "Dear Ann, hello", item: #"{"name": "Ann"}"#) == true)
    #expect(try await holds(rule, "Dear Anna, hello", item: #"{"name": "Ann"}"#) == false)
    #expect(try await holds(rule, "Dear Ann") == nil)
    #expect(try await holds(#""forbidden": "{{item.name}}""#, "x", item: #"{"name": " "}"#) == nil)
    // The row's fault shows whatever was answered.
    #expect(try await holds(rule, "") == nil)
  }

  @Test func `the reward is the weighted share, and every rule is reported by name`() async throws {
    let grader = try compiled(
      """
      {"type": "rules", "rules": [{"name": "a", "required": "x", "weight": 3}, {"name": "b", "required": "y"}]}
      """)
    let grade = try await grader.grade("x")
    #expect(grade.reward == 0.75)
    #expect(grade.subRewards == [.init("a", 1), .init("b", 0)])
    #expect(try await grader.reward("x y") == 1)
    #expect(try await grader.reward("z") == 0)
  }

  @Test func `three thirds make exactly one`() async throws {
    let rules = ["a", "b", "c"].map { #"{"name": "\#($0)", "weight": 0.1, "required": "x"}"# }.joined(
      separator: ",")
    #expect(try await compiled(#"{"type": "rules", "rules": [\#(rules)]}"#).reward("x") == 1)
  }

  @Test func `canaries that game judges score low`() async throws {
    let grader = try compiled(try repositoryFile("Recipes/support-reply/grader.json"))
    let item = #"{"customer_name": "Elena", "order_id": "50722"}"#
    for canary in ["", ":", "Let's solve", "\n\n", "Dear"] {
      let reward = try #require(try await grader.reward(canary, item: item))
      #expect(reward <= 0.2, "'\(canary)'")
    }
  }
}

@Suite struct CombinationTests {
  static let parts = """
    "graders": {"right": {"type": "number", "reference": "{{item.n}}"},
                "short": {"type": "length", "unit": "words", "max": 2, "falloff": 4}}
    """

  @Test func `a formula combines the parts, which are reported with their own parts`() async throws {
    let grader = try compiled(
      #"{"type": "multi", \#(Self.parts), "calculate_output": "0.9 * right + 0.1 * short"}"#)
    let grade = try await grader.grade("it is surely 7", item: #"{"n": 7}"#)
    #expect(grade.reward == 0.9 + 0.1 * 0.5)
    #expect(grade.subRewards == [.init("right", 1), .init("short", 0.5)])
    #expect(grade.metrics == ["right/answer_found": 1, "short/words": 4])
    #expect(grade.graderVersion == grader.identity.version)
  }

  @Test func `weights make a weighted mean, and a list with names is as good as a map`() async throws {
    let grader = try compiled(
      """
      {"type": "multi", "graders": [{"name": "a", "type": "regex", "pattern": "x"}, {"name": "b", "type": "regex", "pattern": "y"},
       {"name": "c", "type": "rules", "rules": [{"name": "z", "required": "z"}]}], "weights": {"a": 3, "b": 1, "c": 0}}
      """)
    let grade = try await grader.grade("x")
    #expect(grade.reward == 0.75)
    #expect(grade.subRewards == [.init("a", 1), .init("b", 0), .init("c", 0), .init("c/z", 0)])
  }

  @Test func `a part that fails makes the whole fail by its name`() async throws {
    let grader = try compiled(#"{"type": "multi", \#(Self.parts), "weights": {"right": 0, "short": 1}}"#)
    let grade = try await grader.grade("7")
    #expect(grade.reward == nil)
    #expect(grade.failure?.grader == "right")
    #expect(grade.failure?.kind == .invalidVariable)
    #expect(grade.subRewards == [.init("short", 1)])
  }

  @Test func `a formula without a finite value is a failure, not a reward`() async throws {
    let grader = try compiled(
      #"{"type": "multi", "name": "all", \#(Self.parts), "calculate_output": "short / (1 - right)"}"#)
    let grade = try await grader.grade("7", item: #"{"n": 7}"#)
    #expect(grade.failure?.kind == .formulaParse)
    #expect(grade.failure?.grader == "all")
    #expect(
      grade.failure?.message
        == "the formula 'short / (1 - right)' gives inf with short = 1.0, right = 1.0; expected a finite number"
    )
  }

  @Test func `a combination may contain a combination`() async throws {
    let grader = try compiled(
      """
      {"type": "multi", "graders": {"inner": {"type": "multi", "graders": {"x": {"type": "regex", "pattern": "x"}}, "weights": {"x": 1}}},
       "calculate_output": "inner * 2"}
      """)
    let grade = try await grader.grade("x")
    #expect(grade.reward == 2)
    #expect(grade.subRewards == [.init("inner", 1), .init("inner/x", 1)])
  }

  @Test func `an answer that cannot be read is flagged once for the whole`() async throws {
    let grader = try compiled(
      """
      {"type": "multi", "graders": {"a": {"type": "string_check", "input": "{{sample.output_json.x}}", "reference": "1", "operation": "eq"}},
       "calculate_output": "a"}
      """)
    let grade = try await grader.grade("no JSON")
    #expect(grade.reward == 0)
    #expect(grade.metrics == ["sample_parse_error": 1])
  }
}
