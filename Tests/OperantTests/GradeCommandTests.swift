import Foundation
import Records
import Testing

@testable import operant

/// `operant grade` as its users run it.
@Suite(.timeLimit(.minutes(30)), .enabled(if: Program.isBuilt, "the operant program is not built"))
struct GradeCommandTests {
  private static func program() throws -> Program {
    let program = try Program()
    try program.write(
      #"{"type": "string_check", "operation": "like", "input": "{{sample.output_text}}", "reference": "{{item.answer}}"}"#,
      to: "grader.json")
    try program.write(
      (1...12).map { #"{"messages": [{"role": "user", "content": "Say \#($0)."}], "answer": "\#($0)"}"# }
        .joined(separator: "\n"), to: "rows.jsonl")
    try program.write(
      (1...12).map {
        #"{"item": {"answer": "\#($0)"}, "answer": "It is \#($0 % 2 == 0 ? $0 : 0).", "human": \#($0 % 2 == 0 ? 1 : 0)}"#
      }.joined(separator: "\n"), to: "answers.jsonl")
    return program
  }

  @Test func `a file of answers is graded in order, with a mean`() async throws {
    let program = try Self.program()
    let text = try await program.run("grade", "run", "--grader", "grader.json", "--file", "answers.jsonl")
    #expect(text.code == 0)
    #expect(text.output.hasPrefix("line 1  0.000\nline 2  1.000\n"))
    #expect(text.output.hasSuffix("mean 0.500 of 12 graded, 0 failed\n"))
    let json = try await program.run(
      "grade", "run", "--grader", "grader.json", "--file", "answers.jsonl", "--json")
    #expect(
      try json.output.split(separator: "\n").map { try JSONValue(parsing: String($0))["reward"]?.double }
        == (1...12).map { $0 % 2 == 0 ? 1 : 0 })
  }

  @Test func `every line of answers that is wrong is told at once`() async throws {
    let program = try Self.program()
    try program.write("{\"item\": {}}\nnonsense\n{\"item\": 3, \"answer\": \"x\"}\n", to: "wrong.jsonl")
    let result = try await program.run("grade", "run", "--grader", "grader.json", "--file", "wrong.jsonl")
    #expect(result.code == 2)
    for line in ["wrong.jsonl:1:", "wrong.jsonl:2:", "wrong.jsonl:3:"] {
      #expect(result.error.contains(line))
    }
  }

  @Test func `validate shows every problem with its line, and the definition of a sound one`() async throws {
    let program = try Self.program()
    let sound = try await program.run("grade", "validate", "--grader", "grader.json", "--json")
    #expect(sound.code == 0)
    #expect(try JSONValue(parsing: sound.output)["grader"]?["operation"] == "like")
    try program.write(
      "{\n\"type\": \"string_check\",\n\"operation\": \"lke\",\n\"inptu\": \"x\"}", to: "bad.json")
    let bad = try await program.run("grade", "validate", "--grader", "bad.json")
    #expect(bad.code == 2)
    #expect(bad.error.contains("bad.json:3:") && bad.error.contains("bad.json:4:"))
  }

  @Test func `canary ends with code 1 where one is paid, naming it`() async throws {
    let program = try Self.program()
    let weak = try await program.run("grade", "canary", "--grader", "grader.json", "--data", "rows.jsonl")
    #expect(weak.code == 1)
    #expect(weak.error.contains("the grader pays 1.00 for"))
    #expect(
      weak.output.split(separator: "\n").contains { $0.contains("0 to 200") && $0.contains("paid too much") })
    try program.write(
      #"{"type": "string_check", "operation": "eq", "input": "{{sample.output_text}}", "reference": "{{item.answer}}"}"#,
      to: "strict.json")
    let strict = try await program.run("grade", "canary", "--grader", "strict.json", "--data", "rows.jsonl")
    #expect(strict.code == 0, "\(strict.error)")
  }

  @Test func `compare gives the rank correlation with people's labels`() async throws {
    let program = try Self.program()
    let result = try await program.run(
      "grade", "compare", "--grader", "grader.json", "--file", "answers.jsonl", "--label", "human", "--json")
    let json = try JSONValue(parsing: result.output)
    #expect(json["pairs"]?.integer == 12)
    #expect(json["spearman"]?["mean"]?.double == 1)
    #expect(json["agreement"]?.double == 1)
    let missing = try await program.run(
      "grade", "compare", "--grader", "grader.json", "--file", "answers.jsonl", "--label", "nobody")
    #expect(missing.code == 2)
    #expect(missing.error.contains("answers.jsonl:1: nobody"))
  }

  @Test func `bench counts grades`() async throws {
    let result = try await Self.program().run(
      "grade", "bench", "--grader", "grader.json", "--file", "answers.jsonl", "--seconds", "0.2", "--json")
    let json = try JSONValue(parsing: result.output)
    #expect((json["grades"]?.integer ?? 0) > 0)
    #expect(json["failed"]?.integer == 0)
  }
}
