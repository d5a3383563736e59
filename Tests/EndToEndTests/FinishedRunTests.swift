import Checkpoints
import Foundation
import Records
import Testing

/// What a user does with a run that is finished.
@Suite(
  .enabled(if: Project.missing == nil, "\(Project.missing ?? "")"), .serialized, .timeLimit(.minutes(30)))
struct FinishedRunTests {
  static func project() async throws -> Project { try await TrainingRunTests.undisturbed.value.project }

  static func operant(_ arguments: String..., input: String = "") async throws -> String {
    let result = try await project().operant.run(arguments, input: input)
    #expect(result.code == 0, "\(arguments): \(result.error)")
    return result.output
  }

  @Test func `it is shown and listed`() async throws {
    let text = try await Self.operant("run", "show", "latest")
    #expect(text.contains("finished, \(Project.steps) of \(Project.steps) steps"))
    let records = try await Self.operant("run", "show", "latest", "--json").split(separator: "\n")
    #expect(records.count == Project.steps)
    let episodes = try await Self.operant("run", "show", "latest", "--episodes", "--step", "3", "--json")
    #expect(episodes.split(separator: "\n").count == 4)
    let list = try JSONValue(parsing: try await Self.operant("run", "list", "--json"))
    #expect(list["state"] == "finished")
    #expect(list["step"]?.integer == Project.steps)
  }

  @Test func `eval repeats the run's last measurement`() async throws {
    let output = try await Self.operant("eval", "latest", "--step", "\(Project.steps)", "--compare", "--json")
    let events = try output.split(separator: "\n").map {
      try WorkerLine.decode(WorkerEvent.self, from: $0.utf8)
    }
    let comparison = try #require(
      events.compactMap { event -> Comparison? in
        if case .comparison(let comparison) = event { comparison } else { nil }
      }.first)
    let run = try await Self.project().run()
    let saved = try JSONValue(parsing: Array(Data(contentsOf: URL(filePath: run.path + "/comparison.json"))))
    #expect(saved["tuned"]?["reward"]?["mean"]?.double == comparison.tuned.reward.mean)
    #expect(saved["base"]?["reward"]?["mean"]?.double == comparison.base.reward.mean)
    #expect(comparison.tuned.policyVersion == (try run.journal().records.count { $0.update != nil }))
  }

  @Test func `generate and score agree on the answer's log-probabilities`() async throws {
    let raw = "Say something"
    let arguments = ["--run", "latest", "--dtype", "float32"]
    let output = try await Self.project().operant.run(
      ["generate", "--raw", raw, "--temperature", "1", "--max-tokens", "8", "--json"] + arguments
    ).output
    let answer = try JSONValue(parsing: output)
    let ids = try #require(answer["ids"]?.array)
    let sampled = try #require(answer["logprobs"]?.array).compactMap(\.double)
    #expect((1...8).contains(ids.count) && sampled.count == ids.count)
    let prompt = try JSONValue(
      parsing: try await Self.project().operant.run(["score", "--json", raw] + arguments).output)
    let count = try #require(prompt["ids"]?.array).count
    #expect(prompt["logprobs"]?.array?.first == .null)
    // Only an answer that is text can be scored as text.
    guard let text = answer["text"]?.string, !text.unicodeScalars.contains("\u{FFFD}") else { return }
    let whole = try JSONValue(
      parsing: try await Self.project().operant.run(["score", "--json", raw + text] + arguments).output)
    guard let all = whole["ids"]?.array, Array(all.dropFirst(count)) == ids else { return }
    let scores = try #require(whole["logprobs"]?.array).dropFirst(count).compactMap(\.double)
    for (a, b) in zip(scores, sampled) { #expect(abs(a - b) < 1e-4) }
  }

  @Test func `the same seed gives the same answer and several samples differ`() async throws {
    let twice = try await [
      Self.operant("generate", "--run", "latest", "--max-tokens", "12", "--seed", "4", "--json", "Hi"),
      Self.operant("generate", "--run", "latest", "--max-tokens", "12", "--seed", "4", "--json", "Hi"),
    ]
    #expect(twice[0] == twice[1])
    let several = try await Self.operant(
      "generate", "--run", "latest", "-n", "4", "--max-tokens", "12", "--temperature", "1", "--json", "Hi")
    #expect(Set(several.split(separator: "\n")).count == 4)
  }

  @Test func `chat answers a line`() async throws {
    let output = try await Self.operant(
      "chat", "--run", "latest", "--max-tokens", "12", "--json", input: "Hello.\nAnd again?\n")
    let messages = try output.split(separator: "\n").map { try JSONValue(parsing: String($0)) }
    #expect(messages.count == 2)
    #expect(messages.allSatisfy { $0["role"] == "assistant" && $0["content"] != nil })
  }

  @Test func `the run's own export is an adapter and its checkpoint merges into a model that answers alike`()
    async throws
  {
    let project = try await Self.project()
    let adapter = try project.run().exportsPath + "/peft"
    for name in ["adapter_config.json", "adapter_model.safetensors"] {
      #expect(FileManager.default.fileExists(atPath: adapter + "/" + name), "\(name)")
    }
    _ = try await Self.operant("export", "latest", "--step", "\(Project.steps)", "--to", "merged")
    let text = "Say something about the sea."
    func scores(_ arguments: String...) async throws -> [Double] {
      let result = try await project.operant.run(["score", "--json", "--dtype", "float32", text] + arguments)
      #expect(result.code == 0, "\(result.error)")
      return try #require(try JSONValue(parsing: result.output)["logprobs"]?.array).compactMap(\.double)
    }
    let tuned = try await scores("--run", "latest", "--step", "\(Project.steps)")
    let merged = try await scores("--model", "merged")
    let base = try await scores("--model", "model")
    try #require(tuned.count == merged.count && tuned.count > 3)
    func distance(_ a: [Double], _ b: [Double]) -> Double { zip(a, b).map { abs($0 - $1) }.max() ?? 0 }
    // The merged weights are rounded to the plan's bfloat16; what was learnt is far more than that.
    #expect(distance(tuned, merged) < 0.05)
    #expect(distance(tuned, base) > 10 * distance(tuned, merged))

    let again = try await project.operant.run("export", "latest", "--to", "merged")
    #expect(again.code == 2)
    #expect(again.error.contains("not empty"))
  }

  @Test func `a checkpoint that is not there is named with those that are`() async throws {
    let result = try await Self.project().operant.run("eval", "latest", "--step", "99")
    #expect(result.code != 0)
    #expect(result.error.contains("there is no checkpoint of step 99"))
  }
}
