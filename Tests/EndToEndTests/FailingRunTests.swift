import Checkpoints
import Foundation
import Records
import Testing

/// Runs that must not go on: the cause is named, and what was done before is kept.
@Suite(.enabled(if: Project.missing == nil, "\(Project.missing ?? "")"), .timeLimit(.minutes(30)))
struct FailingRunTests {
  /// One row's reference is no number: grading it fails, once that row's turn has come.
  @Test func `a grader that fails stops the run with its cause and nothing is lost`() async throws {
    let project = try Project()
    let rows = Project.rows(24, topic: "the sea").enumerated().map { index, row in
      row.replacing(#""messages""#, with: #""answer": "\#(index == 20 ? "none" : "\(index)")", "messages""#)
    }
    try project.write(rows.joined(separator: "\n"), to: "train.jsonl")
    let held = Project.rows(4, topic: "the wind").map {
      $0.replacing(#""messages""#, with: #""answer": "1", "messages""#)
    }
    try project.write(held.joined(separator: "\n"), to: "held-out.jsonl")
    let grader = #"{type: number, name: sum, reference: "{{item.answer}}"}"#
    let plan = Project.plan.replacing(
      #"{type: regex, name: vowels, pattern: "[aeiou].*[aeiou]"}"#, with: grader)
    try project.write(plan, to: "plan.yaml")

    let result = try await project.operant.run("train", "plan.yaml", "--json")
    #expect(result.code == 1)
    #expect(result.error.contains("grading failed for 4 of 16 answers (25%); the plan allows 5%"))
    #expect(result.error.contains("the sea 20"))
    #expect(result.error.contains("operant grade run"))
    let run = try project.run()
    let status = try run.status()
    #expect(status.state == .failed)
    #expect(try run.failure()?.kind == .limit)
    #expect(try run.failure()?.message == status.reason)
    // What was done before the failure is there, journal and state at the same step.
    let steps = try run.journal().records.count
    #expect(try run.checkpoints.steps().last == steps)
    #expect(status.step == steps)

    let again = try await project.operant.run("train", "--resume", "latest", "--json")
    #expect(again.code == 1)
    #expect(again.error.contains("grading failed for 4 of 16 answers"))
    #expect(try run.journal().records.count == steps)
  }

  @Test func `a mismatch over the limit stops the run before its first update with advice`() async throws {
    let project = try Project()
    try project.write(Project.plan + "limits: {mismatch: 1.0e-12}\n", to: "plan.yaml")
    // All tokens are compared, and adding back the share that top-p kept costs some of them the last bit.
    let result = try await project.operant.run(
      "train", "plan.yaml", "--json", "--set", "exact=false", "--set", "sampling.top_p=0.5")
    #expect(result.code == 1)
    #expect(result.error.contains("sampler and trainer disagree on log-probabilities by "))
    #expect(result.error.contains("Try exact: true, then model.dtype: float32"))
    let run = try project.run()
    #expect(try run.status().state == .failed)
    #expect(try run.failure()?.kind == .limit)
    #expect(try run.checkpoints.steps() == [0])
  }

  @Test func `inputs that are wrong end with a sentence and the code of usage`() async throws {
    let project = try Project()
    let operant = project.operant
    try project.write(Project.plan.replacing("max_tokens: 12", with: "max_tokens: 250"), to: "long.yaml")
    try project.write(Project.plan.replacing("seed: 11", with: "sede: 11"), to: "typo.yaml")
    try FileManager.default.createDirectory(
      atPath: project.folder + "/broken", withIntermediateDirectories: true)
    for name in ["config.json", "tokenizer.json"] {
      try FileManager.default.copyItem(
        atPath: project.folder + "/model/" + name, toPath: project.folder + "/broken/" + name)
    }
    try Data("not a tensor".utf8).write(to: URL(filePath: project.folder + "/broken/model.safetensors"))

    for (arguments, code, sentence) in [
      (["train", "nowhere.yaml"], 2, "nowhere.yaml"),
      (["train", "typo.yaml"], 2, "seed"),
      (["train", "long.yaml"], 2, "sampling.max_tokens"),
      (["train", "--resume", "nowhere"], 2, "there is no such run folder"),
      (["generate", "--model", "nowhere", "Hi"], 2, "nowhere"),
      (["generate", "--model", "broken", "Hi"], 1, "model.safetensors"),
      (["generate", "--model", "model", "--raw", String(repeating: "xq", count: 300)], 2, "takes at most"),
      (["score", "--model", "model", String(repeating: "xq", count: 300)], 2, "takes at most 256"),
    ] as [([String], Int32, String)] {
      let result = try await operant.run(arguments)
      #expect(result.code == code, "\(arguments.prefix(3)): \(result.error)")
      #expect(result.error.contains("error"), "\(arguments.prefix(3))")
      #expect(result.error.contains(sentence), "\(arguments.prefix(3)): \(result.error)")
    }
    // A plan that is wrong leaves no run behind.
    #expect(!FileManager.default.fileExists(atPath: project.folder + "/runs"))
  }
}
