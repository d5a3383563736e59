import Records
import Testing

@testable import Graders

/// Ranks the attempts of a group against each other, as a judge does.
private struct LongestWins: Grader {
  let identity = GraderIdentity(name: "longest", type: "ranking", version: "1")
  func grade(_ group: [GradingSample]) async -> [Grade] {
    let longest = group.map(\.outputText.count).max() ?? 0
    return group.map { Grade(.reward($0.outputText.count == longest ? 1 : 0)) }
  }
}

private struct Careless: Grader {
  let identity = GraderIdentity(name: "careless", type: "test", version: "1")
  func grade(_ group: [GradingSample]) async -> [Grade] { [] }
}

private struct Scripted: SampleGrader {
  let identity = GraderIdentity(name: "scripted", type: "test", version: "v")
  func grade(_ sample: GradingSample) async throws(GradeFailure) -> Grade {
    switch sample.outputText {
    case "nan": return Grade(.reward(.nan))
    case "inf": return Grade(.reward(.infinity))
    case "throw": throw GradeFailure(.pythonRuntime, "it's \"broken\"")
    case "slow":
      try? await Task.sleep(for: .milliseconds(20))
      return Grade(.reward(1))
    default: return Grade(.reward(0.5))
    }
  }
}

@Suite struct StageTests {
  static func group(_ id: String, _ answers: [String], item: JSONObject = JSONObject()) -> Group {
    Group(
      example: Example(id: id, messages: [Message(.user, "?")], item: item),
      episodes: answers.enumerated().map { index, text in
        Episode(
          exampleID: id, index: index, turns: [Turn(author: .policy, start: 0, end: 2, text: text)],
          tokens: [1, 2], lossMask: [false, true], logProbabilities: [0, -1], policyVersions: [-1, 0],
          stopReason: .endOfTurn)
      })
  }

  @Test func `groups come back in order, each episode with its grade`() async throws {
    let groups = (0..<50).map { Self.group("g\($0)", ["slow", "x\($0)", "throw"]) }
    let graded = await GradingStage(Scripted(), width: 8).grade(groups)
    #expect(graded.map(\.example.id) == groups.map(\.example.id))
    for (before, after) in zip(groups, graded) {
      #expect(after.episodes.map(\.episode) == before.episodes)
      #expect(after.episodes.map(\.grade.reward) == [1, 0.5, nil])
      #expect(after.episodes.allSatisfy { $0.grade.graderVersion == "v" })
      #expect(after.episodes[0].grade.latencySeconds >= 0.02)
      #expect(after.episodes[0].grade.latencySeconds.isFinite)
    }
    #expect(await GradingStage(Scripted()).grade([]).isEmpty)
  }

  @Test func `a grader that compares the attempts of a group fits the same protocol`() async {
    let graded = await GradingStage(LongestWins()).grade([Self.group("a", ["x", "xxx", "xx"])])
    #expect(graded[0].episodes.map(\.grade.reward) == [0, 1, 0])
  }

  @Test func `what is no finite number, or no grade at all, is a failure`() async {
    let grades = await GradingStage(Scripted()).grade([Self.group("a", ["nan", "inf"])])[0].episodes.map(
      \.grade)
    #expect(
      grades.map(\.failure?.message) == [
        "the reward is nan; expected a finite number", "the reward is inf; expected a finite number",
      ])
    let careless = await GradingStage(Careless()).grade([Self.group("a", ["x", "y"])])[0].episodes.map(
      \.grade)
    #expect(
      careless.map(\.failure?.message)
        == Array(
          repeating: "the grader returned 0 grades for 2 samples; expected one a sample", count: 2))
    #expect(careless[0].failure?.grader == "careless")
  }

  @Test func `too many failures stop the run with the cause and the command that repeats it`() async throws {
    let groups = [
      Self.group("a", ["nan", "x", "x", "x"]),
      Self.group("b", ["throw", "throw", "x", "x"], item: JSONObject([("k", "it's")])),
    ]
    let tally = GradingTally(await GradingStage(Scripted()).grade(groups))
    #expect(tally.graded == 8 && tally.failed == 3)
    #expect(tally.failedShare == 0.375)
    #expect(tally.causes.map(\.kind) == [.pythonRuntime, .other])
    try tally.check(limit: 0.375, graderFile: "grader.json")
    let thrown = #expect(throws: TooManyGradingFailures.self) {
      try tally.check(limit: 0.05, graderFile: "my grader.json")
    }
    let error = try #require(thrown)
    #expect(
      error.command
        == #"operant grade run --grader 'my grader.json' --sample throw --item '{"k":"it'\''s"}' --json"#)
    #expect(
      error.description
        == #"grading failed for 3 of 8 answers (37.5%); the plan allows 5% (limits.grader_errors). Most frequent: scripted: python_grader_runtime_error: it's "broken", 2 times, first for the row 'b'. To repeat it: "#
        + error.command)
    try GradingTally([]).check(limit: 0, graderFile: "")
  }
}

@Suite struct GraderRunReportTests {
  static let flags = [
    "formula_parse_error", "sample_parse_error", "truncated_observation_error", "unresponsive_reward_error",
    "invalid_variable_error", "other_error", "python_grader_server_error", "python_grader_runtime_error",
    "model_grader_server_error", "model_grader_refusal_error", "model_grader_parse_error",
  ]

  @Test func `a reward is reported with every flag false`() async throws {
    let grader = try compiled(
      #"{"type": "rules", "name": "style", "rules": [{"name": "x", "required": "x"}]}"#)
    let report = GraderRunReport(try await grader.grade("x"), by: grader.identity).json
    #expect(report["reward"] == 1.0)
    #expect(report["metadata"]?["name"] == "style")
    #expect(report["metadata"]?["type"] == "rules")
    #expect(report["metadata"]?["scores"] == ["x": 1.0])
    #expect(report["sub_rewards"] == ["x": 1.0])
    #expect(report["model_grader_token_usage_per_model"] == [:])
    #expect(
      report.object?.keys == ["reward", "metadata", "sub_rewards", "model_grader_token_usage_per_model"])
    #expect(
      report["metadata"]?.object?.keys
        == ["name", "type", "errors", "execution_time", "scores", "token_usage", "sampled_model_name"])
    let errors = try #require(report["metadata"]?["errors"])
    for flag in Self.flags { #expect(errors[flag] == false, "\(flag)") }
    for detail in [
      "python_grader_server_error_type", "python_grader_runtime_error_details",
      "model_grader_server_error_details", "error_details",
    ] { #expect(errors[detail] == .null, "\(detail)") }
    #expect(try #require(report["metadata"]?["execution_time"]?.double) >= 0)
  }

  @Test func `a grader without parts scores under its own name`() async throws {
    let grader = try compiled(#"{"type": "number", "reference": 7}"#)
    let report = GraderRunReport(try await grader.grade("7"), by: grader.identity).json
    #expect(report["metadata"]?["scores"] == ["number": 1.0])
    #expect(report["sub_rewards"] == [:])
  }

  @Test(arguments: GradeFailure.Kind.allCases)
  func `each failure raises its flag alone and leaves no reward`(kind: GradeFailure.Kind) throws {
    let grade = Grade(.failed(GradeFailure(kind, "why", grader: "g")))
    let report = GraderRunReport(grade, by: GraderIdentity(name: "g", type: "t", version: "1")).json
    #expect(report["reward"] == .null)
    let errors = try #require(report["metadata"]?["errors"])
    #expect(Self.flags.filter { errors[$0] == true } == [kind.rawValue])
    #expect(errors["error_details"] == .string("g: \(kind.rawValue): why"))
    #expect(errors["python_grader_runtime_error_details"] == (kind == .pythonRuntime ? "why" : .null))
    #expect(errors["python_grader_server_error_type"] == (kind == .pythonServer ? "why" : .null))
    #expect(errors["model_grader_server_error_details"] == (kind == .modelServer ? "why" : .null))
  }

  @Test func `an answer that cannot be read raises sample_parse_error beside its reward`() async throws {
    let grader = try compiled(
      #"{"type": "string_check", "input": "{{sample.output_json.x}}", "reference": "1", "operation": "eq"}"#)
    let report = GraderRunReport(try await grader.grade("text"), by: grader.identity).json
    #expect(report["reward"] == 0.0)
    #expect(report["metadata"]?["errors"]?["sample_parse_error"] == true)
  }
}
