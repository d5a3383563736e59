import Foundation
import Graders
import Plans
import Records
import Store
import Testing

@testable import Jobs

@Suite(.timeLimit(.minutes(30)))
struct PreparationTests {
  /// What a job came to that cannot start.
  private func failure(_ change: (Workshop, inout JobOrder) throws -> Void) async throws -> Job {
    let shop = try await Workshop()
    var order = shop.order("j")
    try change(shop, &order)
    return try await shop.withDesk { [order] desk in
      _ = try await desk.submit(order)
      return try await shop.job("j") { $0.status.isFinal }
    }
  }

  @Test func `all bad rows are told of, by line and without paths`() async throws {
    let job = try await failure { shop, _ in
      try (Workshop.rows(2) + "{\"messages\": 1}\nnothing\n").write(
        toFile: shop.folder + "/train.jsonl", atomically: true, encoding: .utf8)
    }
    #expect(
      job.status == .failed && job.errorCode == "invalid_training_file" && job.errorParam == "training_file")
    let message = try #require(job.errorMessage)
    #expect(message.hasPrefix("file-train: line 3: messages: "))
    #expect(message.contains("\nline 4: "))
    #expect(!message.contains("/"))
    #expect(job.finishedAt != nil && job.startedAt == nil)
  }

  @Test func `the validation file is told apart from the training file`() async throws {
    let job = try await failure { shop, _ in
      try "[]\n".write(toFile: shop.folder + "/valid.jsonl", atomically: true, encoding: .utf8)
    }
    #expect(job.errorCode == "invalid_validation_file" && job.errorParam == "validation_file")
  }

  @Test func `a file that has gone is an error of the job`() async throws {
    let job = try await failure { shop, _ in
      try FileManager.default.removeItem(atPath: shop.folder + "/train.jsonl")
    }
    #expect(job.errorMessage == "the training file file-train is not there any more")
  }

  @Test func `a grader that does not compile fails the job`() async throws {
    let job = try await failure { _, order in order.grader = ["type": "regex", "pattern": "["] }
    #expect(job.errorCode == "invalid_grader" && job.errorParam == "grader")
    let path = try await failure { _, order in order.grader = "/etc/passwd" }
    #expect(path.errorCode == "invalid_grader", "a path is not looked at")
  }

  @Test func `a judge is looked for where the project's graders may look`() async throws {
    let shop = try await Workshop()
    var surroundings = shop.surroundings()
    surroundings.graders = { project in
      GraderSurroundings(environment: ["OPERANT_JUDGE_URL": "http://127.0.0.1:9/\(project)"])
    }
    var order = shop.order("j")
    order.grader = [
      "type": "score_model", "name": "judge", "model": "tiny",
      "input": [["role": "user", "content": "Score {{ sample.output_text }}"]],
    ]
    let desk = JobDesk(surroundings)
    let running = Task { try await desk.run() }
    _ = try await desk.submit(order)
    let job = try await shop.job("j") { $0.status.isFinal }
    #expect(job.status == .succeeded, "\(job.errorMessage ?? "")")
    running.cancel()
    try await running.value
  }

  @Test func `a prompt that fills the context is refused, or left out where that was asked for`() async throws
  {
    let long = String(repeating: "word ", count: 600)
    let rows = Workshop.rows(5) + #"{"messages": [{"role": "user", "content": "\#(long)"}]}"# + "\n"
    let job = try await failure { shop, _ in
      try rows.write(toFile: shop.folder + "/train.jsonl", atomically: true, encoding: .utf8)
    }
    #expect(job.errorMessage?.contains("row 6 has a prompt that leaves no room") == true)
    let shop = try await Workshop()
    try rows.write(toFile: shop.folder + "/train.jsonl", atomically: true, encoding: .utf8)
    var order = shop.order("j")
    order.choices.maxPromptTokens = 100
    try await shop.withDesk { [order] desk in
      _ = try await desk.submit(order)
      let job = try await shop.job("j") { $0.status.isFinal }
      #expect(job.status == .succeeded && job.resolved?.value["training_rows"] == 5)
      #expect(
        try await shop.messages("j").contains(
          "file-train: 1 of 6 rows have prompts of more than 100 tokens and are left out"))
    }
  }

  @Test func `what is wrong with a request is told at once`() async throws {
    let shop = try await Workshop()
    let desk = JobDesk(shop.surroundings())
    var unknown = shop.order("j")
    unknown.model = "gpt-9"
    await #expect {
      _ = try await desk.submit(unknown)
    } throws: {
      ($0 as? JobFailure)?.kind == .invalid(param: "model", code: "model_not_found")
        && "\($0)".contains("tiny")
    }
    for (path, text) in [
      ("unsafe_no_sandbox", "true"), ("data.train", "/etc/passwd"), ("grader", "/etc/passwd"),
      ("training.lora.rank", "many"), ("training.nothing", "1"), ("model.source", "/"),
      ("model.adapter", "/"),
    ] {
      var order = shop.order("j")
      order.choices.overrides[path] = text
      await #expect("\(path)") {
        _ = try await desk.submit(order)
      } throws: { ($0 as? JobFailure)?.kind == .invalid(param: path, code: nil) }
    }
    #expect(try await shop.store.job("j") == nil)
  }

  @Test func `fields of the plan can be set through overrides`() async throws {
    let shop = try await Workshop()
    var order = shop.order("j")
    order.choices.overrides = [
      "training.lora.rank": "4", "training.steps": "3", "algorithm.name": "dapo", "defence.canaries": "off",
    ]
    try await shop.withDesk { [order] desk in
      _ = try await desk.submit(order)
      let job = try await shop.job("j") { $0.status.isFinal }
      let plan = try #require(job.plan.flatMap { Plan(column: $0) })
      #expect(plan.training.lora.rank == 4 && plan.training.steps == 3 && plan.defence.canaries == nil)
      #expect(plan.algorithm == .defaults(for: .dapo))
      #expect(job.resolved?.value["total_steps"] == 3)
      #expect(try await shop.toldSteps("j") == [1, 2, 3])
    }
  }

  @Test func `what is asked for and not given is said`() async throws {
    let shop = try await Workshop()
    var order = shop.order("j")
    order.choices.batchSize = 50
    order.choices.evalSamples = 3
    order.choices.reasoningEffort = .high
    order.choices.maxTokens = 4096
    order.choices.responseFormat = ["type": "json_schema"]
    try await shop.withDesk { [order] desk in
      _ = try await desk.submit(order)
      let job = try await shop.job("j") { $0.status.isFinal }
      #expect(job.status == .succeeded)
      #expect(job.resolved?.value["batch_size"] == 10)
      let warnings = try await shop.events("j").filter { $0.level == .warn }.map(\.message)
      for word in [
        "batch_size 50", "eval_samples 3", "reasoning_effort high", "4096 tokens", "response_format",
      ] {
        #expect(warnings.contains { $0.hasPrefix(word) }, "\(word)")
      }
    }
  }

  @Test func `an order is the same after it was kept`() throws {
    var order = JobOrder(
      id: "j", projectID: "p", shape: .bedrock, request: ["a": 1], model: "m", trainingPath: "/t",
      grader: [
        "type": "multi", "graders": ["z": ["type": "regex"], "a": ["weight": 1.0]], "calculate_output": "z",
      ])
    #expect(JobOrder(json: order.json, request: order.request) == order)
    order.name = "n"
    order.trainingFile = "t"
    order.validationFile = "v"
    order.validationPath = "/v"
    order.seed = 3
    order.suffix = "s"
    order.metadata = ["k": "v"]
    order.modelName = "arn:x"
    order.choices.epochs = 1
    order.choices.batchSize = 2
    order.choices.learningRateMultiplier = 0.5
    order.choices.learningRate = 1e-5
    order.choices.samplesPerPrompt = 4
    order.choices.computeMultiplier = 2
    order.choices.evalInterval = 5
    order.choices.evalSamples = 6
    order.choices.maxPromptTokens = 7
    order.choices.maxTokens = 8
    order.choices.reasoningEffort = .low
    order.choices.responseFormat = ["type": "text"]
    order.choices.overrides = ["training.steps": "9"]
    let kept = try #require(
      JobOrder(json: try JSONValue(parsing: order.json.serialised()), request: order.request))
    #expect(kept == order)
    #expect(kept.grader.serialised() == order.grader.serialised(), "the order of keys is kept")
  }
}
