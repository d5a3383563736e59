import Records
import Testing

@testable import Graders

/// Short reasoning: only right answers are held against each other.
@Suite struct BrevityTests {
  /// Answers are "yes" or "no"; "yes" is right.
  static func grader(_ fields: String = "", weights: String = #"{"correct": 0.7, "brevity": 0.3}"#) throws
    -> any Grader
  {
    try compiled(
      """
      {"type": "multi", "weights": \(weights), "graders": {
        "brevity": {"type": "brevity", "among": "correct"\(fields.isEmpty ? "" : ", " + fields)},
        "correct": {"type": "regex", "pattern": "yes"}}}
      """)
  }

  static func group(_ attempts: [(text: String, tokens: Int, thinking: Int)]) throws -> [GradingSample] {
    try attempts.map { attempt in
      var sample = try sample(attempt.text, tokens: attempt.tokens)
      sample.thinkingTokens = attempt.thinking
      return sample
    }
  }

  static func scores(_ fields: String, _ attempts: [(String, Int, Int)]) async throws -> [Double?] {
    let grades = await (try grader(fields)).grade(
      try group(attempts.map { (text: $0.0, tokens: $0.1, thinking: $0.2) }))
    return grades.map { grade in grade.subRewards.first { $0.name == "brevity" }?.value }
  }

  /// Worked by hand: `1 - tokens / (2 * middle)` among the right ones, 0 for the wrong ones.
  @Test(
    arguments: [
      // Median of 10, 20, 40 is 20; the wrong answer of 2 tokens is not in it.
      ("", [("yes", 10, 0), ("yes", 20, 0), ("yes", 40, 0), ("no", 2, 0)], [0.75, 0.5, 0, 0]),
      // Mean of 10, 20, 60 is 30.
      (#""whole": {"against": "mean"}"#, [("yes", 15, 0), ("yes", 15, 0), ("yes", 60, 0)], [0.75, 0.75, 0]),
      // Alone among the right ones: as long as the middle.
      ("", [("yes", 99, 0), ("no", 3, 0)], [0.5, 0]), ("", [("no", 5, 0), ("no", 3, 0)], [0, 0]),
      (
        #""whole": {"budget": 20}"#, [("yes", 20, 0), ("yes", 30, 0), ("yes", 50, 0), ("no", 1, 0)],
        [1, 0.5, 0, 0]
      ),
      (#""whole": {"budget": 20, "falloff": 5}"#, [("yes", 21, 0), ("yes", 25, 0)], [0.8, 0]),
      (#""whole": {"budget": 20, "falloff": 0}"#, [("yes", 20, 0), ("yes", 21, 0)], [1, 0]),
      // Thinking and answer apart: 12 of 16 and 40 of 50 are thinking, the rest is the answer.
      (#""thinking": {"budget": 20}"#, [("yes", 16, 12), ("yes", 50, 40)], [1, 0]),
      (#""answer": {"budget": 5}"#, [("yes", 16, 12), ("yes", 50, 40)], [1, 0]),
      (#""answer": {"budget": 8}"#, [("yes", 16, 12), ("yes", 50, 40)], [1, 0.75]),
      (
        #""thinking": {"budget": 20, "weight": 3}, "answer": {"budget": 8}"#,
        [("yes", 16, 12), ("yes", 50, 40)], [1, 0.1875]
      ),
      // No right answer has thought: nothing to be shorter than.
      (#""thinking": {}"#, [("yes", 16, 0), ("yes", 50, 0)], [0.5, 0.5]),
      (#""thinking": {}"#, [("yes", 16, 0), ("yes", 50, 0), ("yes", 9, 4)], [0.5, 0.5, 0]),
    ] as [(String, [(String, Int, Int)], [Double])])
  func `right answers are held against each other or a budget`(
    fields: String, attempts: [(String, Int, Int)], expected: [Double]
  ) async throws {
    #expect(try await Self.scores(fields, attempts) == expected)
  }

  @Test func `a budget may shrink over the steps`() async throws {
    let grader = try Self.grader(#""whole": {"budget": {"points": [[0, 40], [10, 20]]}, "falloff": 10}"#)
    var found: [Double?] = []
    for step in [0, 5, 10] {
      var samples = try Self.group([("yes", 30, 0)])
      samples[0].moment = GradingMoment(step: step)
      found.append(await grader.grade(samples)[0].subRewards.first { $0.name == "brevity" }?.value)
    }
    #expect(found == [1, 1, 0])
  }

  @Test func `what was not counted is a failure, not a short answer`() async throws {
    let uncounted = [try sample("yes")]
    let whole = await (try Self.grader()).grade(uncounted)[0].failure
    #expect(whole?.grader == "brevity" && whole?.message.contains("'whole'") == true)
    let thinking = await (try Self.grader(#""thinking": {"budget": 1}"#)).grade([try sample("yes", tokens: 3)]
    )
    #expect(thinking[0].failure?.message.contains("sampling.thinking") == true)
  }

  @Test func `a failed sibling leaves the comparison to the others`() async throws {
    let grader = try compiled(
      """
      {"type": "multi", "weights": {"correct": 1, "brevity": 1}, "graders": {
        "correct": {"type": "string_check", "input": "{{sample.output_text}}", "reference": "{{item.r}}", "operation": "eq"},
        "brevity": {"type": "brevity", "among": "correct"}}}
      """)
    var samples = try [sample("x", item: #"{"r": "x"}"#, tokens: 10), sample("x", tokens: 1)]
    samples.append(try sample("x", item: #"{"r": "x"}"#, tokens: 30))
    let grades = await grader.grade(samples)
    #expect(grades[1].failure?.grader == "correct")
    // The middle of 10 and 30 is 20: brevity 0.75 and 0.25.
    #expect(grades.map(\.reward) == [0.875, nil, 0.625])
  }

  /// The property that matters: over random groups, lengths, budgets, weights and ways of normalising, no wrong answer
  /// comes out at or above any right one, and among right answers of one stretch shorter is never worse.
  @Test func `a wrong short answer never beats a right long one`() async throws {
    var random = SplitMix64(seed: 4)
    let stretches = [
      "", #""whole": {"against": "mean"}"#, #""whole": {"budget": 30}"#,
      #""thinking": {"budget": 10}, "answer": {}"#,
      #""thinking": {}, "answer": {"budget": 4, "falloff": 9, "weight": 5}"#,
      #""whole": {}, "thinking": {"budget": 0}"#,
    ]
    var compared = 0
    for round in 0..<600 {
      let fields = stretches[round % stretches.count]
      let weight = Double(Int.random(in: 1...40, using: &random)) / 10
      let normalise = ["off", "parts", "sum"][Int.random(in: 0...2, using: &random)]
      let phase = ["", #", "binary_until": 0.5"#, #", "binary_from": 0.5"#][
        Int.random(in: 0...2, using: &random)]
      let grader = try compiled(
        """
        {"type": "multi", "weights": {"correct": 1, "brevity": \(weight)}, "normalise": "\(normalise)"\(phase), "graders": {
          "correct": {"type": "regex", "pattern": "yes"},
          "brevity": {"type": "brevity", "among": "correct"\(fields.isEmpty ? "" : ", " + fields)}}}
        """)
      let moment = GradingMoment(step: round, passRates: Bool.random(using: &random) ? [] : [0.6, 0.6, 0.6])
      let samples = try (0..<Int.random(in: 2...16, using: &random)).map { _ in
        let tokens = Int.random(in: 1...200, using: &random)
        var sample = try sample(Int.random(in: 0...2, using: &random) > 0 ? "yes" : "no", tokens: tokens)
        sample.thinkingTokens = Int.random(in: 0...tokens, using: &random)
        sample.moment = moment
        return sample
      }
      let grades = await grader.grade(samples)
      for (a, right) in zip(samples, grades) where a.outputText == "yes" {
        for (b, wrong) in zip(samples, grades) where b.outputText == "no" {
          let (gain, loss) = try (#require(right.reward), #require(wrong.reward))
          let isBinary = !phase.isEmpty && (gain == 0 || gain == 1) && (loss == 0 || loss == 1)
          #expect(isBinary ? gain >= loss : gain > loss)
          if let up = right.standing, let down = wrong.standing { #expect(up >= down) }
          if normalise == "parts", !isBinary {
            #expect(try #require(right.standing) > #require(wrong.standing))
          }
          compared += 1
        }
        guard fields.isEmpty || fields.contains("mean") || fields == stretches[2] else { continue }
        for (b, other) in zip(samples, grades) where b.outputText == "yes" {
          if let short = a.generatedTokens, let long = b.generatedTokens, short <= long {
            #expect(try #require(right.reward) >= #require(other.reward))
          }
        }
      }
    }
    #expect(compared > 5000)
  }

  @Test(
    arguments: [
      (
        #"{"type": "brevity", "among": "x"}"#,
        ["grader: a brevity grader must be a part of a multi grader, beside the part that says what is right"]
      ),
      (
        #"{"type": "multi", "weights": {"b": 1, "correct": 1}, "graders": {"b": {"type": "brevity", "among": "corect"}, "correct": {"type": "regex", "pattern": "x"}}}"#,
        [
          "grader.graders.b.among: there is no other grader 'corect' beside it; there are correct; did you mean 'correct'?"
        ]
      ),
      (
        #"{"type": "multi", "weights": {"b": 1, "c": 1}, "graders": {"b": {"type": "brevity", "among": "c"}, "c": {"type": "brevity", "among": "b"}}}"#,
        [
          "grader.graders.b.among: 'c' goes by another part itself; name the part that says what is right",
          "grader.graders.c.among: 'b' goes by another part itself; name the part that says what is right",
        ]
      ),
      (
        #"{"type": "multi", "weights": {"b": 1, "c": 1}, "graders": {"b": {"type": "brevity", "among": "w"}, "c": {"type": "regex", "pattern": "x"}, "w": {"type": "regex", "pattern": "x", "held_out": true}}}"#,
        [
          "grader.graders.b.among: the part 'w' is held out, and would have a part in the reward through 'b'"
        ]
      ),
      (
        #"{"type": "multi", "weights": {"b": 1, "c": 1}, "graders": {"c": {"type": "regex", "pattern": "x"}, "b": {"type": "brevity", "whole": 3, "thinking": {"budget": 1, "against": "mean"}, "answer": {"falloff": 1, "against": "men"}}}}"#,
        [
          "grader.graders.b.whole: expected an object such as {\"budget\": 100} or {\"against\": \"median\"}, found a number",
          "grader.graders.b.thinking.against: given beside 'budget'; hold the stretch against one of them",
          "grader.graders.b.answer.falloff: has no effect without 'budget', beyond which the score falls",
          "grader.graders.b.answer.against: 'men' is not one of mean, median; did you mean 'mean'?",
          "grader.graders.b.among: missing; expected the name of the part that says which answers are right",
        ]
      ),
    ] as [(String, [String])])
  func `every problem of a brevity grader is reported`(json: String, expected: [String]) throws {
    #expect(try problems(json) == expected)
  }
}
