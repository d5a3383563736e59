import Graders
import Records
import Testing

@testable import Monitoring

/// Answers that deserve nothing, and graders that pay for them.
@Suite struct CanaryTests {
  private static let rows = (1...12).map { number in
    Example(
      id: "row \(number)",
      messages: [
        Message(.system, "Reason first. End with Answer: and the number."),
        Message(.user, "How much is \(number) and \(number)?"),
      ], item: JSONObject([("answer", .integer(number * 2))]))
  }

  /// Canaries that a grader pays at least half of full marks.
  private static func paid(_ definition: JSONValue) async throws -> Set<Canary> {
    let grader = try GraderCompiler.compile(definition)
    let report = await CanaryTrial(grader, definition: definition)
      .run(Array(rows.prefix(8)), others: Array(rows.reversed()))
    return Set(report.paid(0.5, fullMarks: 1).map(\.canary))
  }

  @Test func `a sound grader pays for none`() async throws {
    #expect(try await Self.paid(["type": "number", "reference": "{{item.answer}}"]) == [])
    #expect(
      try await Self.paid([
        "type": "string_check", "operation": "eq", "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}",
      ])
        == [])
  }

  @Test func `each weak grader is found by its canary`() async throws {
    for (definition, canary): (JSONValue, Canary) in [
      // The right number is somewhere in a list of all numbers.
      (
        [
          "type": "string_check", "operation": "like", "input": "{{sample.output_text}}",
          "reference": "{{item.answer}}",
        ], .enumeration
      ),
      (["type": "rules", "rules": [["name": "short", "max_words": 5]]], .symbol),
      (
        [
          "type": "rules",
          "rules": [
            ["name": "thanks", "required": "thank you"], ["name": "sorry", "required": "we apologise"],
          ],
        ], .rulesRecited
      ),
      (["type": "regex", "pattern": "Answer:"], .formatOnly),
      (["type": "regex", "pattern": "[0-9]"], .anotherAnswer),
      (["type": "regex", "pattern": "step by step"], .letsThink),
      (["type": "regex", "pattern": "(?i)grader"], .judgeInstruction),
      (["type": "regex", "pattern": "How much"], .promptEcho),
      (["type": "length", "unit": "characters", "max": 50], .empty),
    ] {
      let found = try await Self.paid(definition)
      #expect(found.contains(canary), "\(definition.serialised()) pays \(found.map(\.rawValue).sorted())")
    }
  }

  @Test func `the alarm names canary, row and answer`() async throws {
    let definition: JSONValue = ["type": "regex", "pattern": "How much"]
    let report = try await CanaryTrial(GraderCompiler.compile(definition), definition: definition)
      .run(Array(Self.rows.prefix(3)), others: Self.rows)
    let alarms = report.alarms(CanaryPlan(), fullMarks: 1, step: 0)
    let alarm = try #require(alarms.first { $0.subject == Canary.promptEcho.rawValue })
    #expect(alarm.value == 1)
    #expect(alarm.message.contains("the prompt repeated"))
    #expect(alarm.message.contains("row 1"))
  }

  @Test func `a grader that fails is not taken for one that pays nothing`() async throws {
    let definition: JSONValue = [
      "type": "string_check", "operation": "eq", "input": "{{item.missing}}", "reference": "a",
    ]
    let report = try await CanaryTrial(GraderCompiler.compile(definition), definition: definition)
      .run(Array(Self.rows.prefix(2)), others: Self.rows)
    for entry in report.entries {
      #expect(entry.failed == 2 && entry.graded == 0 && entry.reward.isNaN)
    }
  }

  @Test func `the form of prompt and definition is put together without content`() {
    let markers = FormatMarkers(
      prompt: "Write <think>why</think> and then <answer>x</answer>.\nScore: a number",
      definition: ["type": "regex", "pattern": "#### [0-9]+"])
    #expect(markers.text == "<think></think>\n<answer></answer>\nScore:\n####")
    #expect(FormatMarkers(prompt: "Say hello.", definition: ["type": "length"]).text == nil)
    let schema: JSONValue = ["type": "json", "schema": ["properties": ["name": [:], "age": [:]]]]
    #expect(FormatMarkers(prompt: "", definition: schema).text == #"{"name":"","age":""}"#)
  }
}
