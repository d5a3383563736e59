import Cluster
import Foundation
import Jobs
import Records
import Store
import Testing

@Suite(.timeLimit(.minutes(30)))
struct JobLifeTests {
  @Test func `a job runs from its order to a model that can be asked`() async throws {
    let shop = try await Workshop()
    try await shop.withDesk { desk in
      let accepted = try await desk.submit(shop.order("ftjob-abcdefgh1234"))
      #expect(accepted.status == .validatingFiles)
      #expect(accepted.sequence != nil)
      let job = try await shop.job(accepted.id) { $0.status.isFinal }
      #expect(job.status == .succeeded, "\(job.errorMessage ?? "")")
      #expect(job.tunedModel == "ft:tiny:name-of-proj_1::efgh1234")
      #expect(job.trainedTokens == 1000)
      #expect(job.attempts == 1)
      #expect(job.startedAt != nil && job.finishedAt != nil && job.estimatedFinish == nil)
      #expect(job.waitingFor == nil)
      #expect(job.resolved?.value["n_epochs"] == 2)
      #expect(job.resolved?.value["batch_size"] == 2)
      #expect(job.resolved?.value["total_steps"] == 10)
      let messages = try await shop.messages(job.id)
      #expect(
        messages == [
          "Created fine-tuning job", "Validating training file: file-train",
          "Files validated, moving job to queued state", "Fine-tuning job started",
          "Before training, full validation mean reward=0.05",
        ] + (1...10).map { "Checkpoint created at step \($0)" } + [
          "After training, full validation mean reward=1.05, before 0.05 (gain 1.00, 95% interval 0.00 to 1.00)",
          "New fine-tuned model created: ft:tiny:name-of-proj_1::efgh1234",
          "The job has successfully completed",
        ])
      #expect(try await shop.toldSteps(job.id) == Array(1...10))
      let last = try #require(try await shop.events(job.id).first { $0.source == "step 9" })
      #expect(last.data?.value["full_valid_mean_reward"] == 1.05)
      #expect(last.data?.value["valid_reward_mean"] == 1.05)
      #expect(last.message.contains("full validation mean reward=1.05"))
      await #expect {
        _ = try await desk.cancel(job.id)
      } throws: { ($0 as? JobFailure)?.kind == .state }
      let model = try await shop.store.model(job.tunedModel ?? "", projectID: "proj_1")
      #expect(model?.step == 10 && model?.base == "tiny" && model?.jobID == job.id)
      #expect(
        try await shop.store.model("ft:tiny:name-of-proj_1::efgh1234:ckpt-step-4", projectID: "proj_1")?.step
          == 4)
    }
  }

  @Test func `metrics have every key that a client reads`() async throws {
    let shop = try await Workshop()
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.job("j") { $0.status == .succeeded }
      let event = try #require(try await shop.events("j").first { $0.source == "step 2" })
      #expect(
        event.message
          == "Step 3/10 , train mean reward=0.20, full validation mean reward=0.35, full validation mean parse error=0.25"
      )
      let data = try #require(event.data?.value)
      let numbers: [String: Double] = [
        "step": 3, "total_steps": 10, "train_mean_reward": 0.2, "train_reward_mean": 0.2,
        "full_valid_mean_reward": 0.35, "valid_reward_mean": 0.35, "full_valid_mean_parse_error": 0.25,
        "reasoning_tokens_mean": 0, "completion_tokens_mean": 12, "valid_reasoning_tokens_mean": 0,
        "mean_unresponsive_rewards": 0, "critic_rewards_mean": 0.2, "critic_advantages_mean": 0,
        "actor_pg_loss": 0.25, "actor_entropy": 1.5, "actor_grad_norm": 0.5, "response_length_mean": 12,
        "train_loss": 0.25,
      ]
      for (key, value) in numbers {
        #expect(abs((data[key]?.double ?? .nan) - value) < 1e-9, "\(key): \(data[key] ?? .null)")
      }
      for key in [
        "train_mean_token_accuracy", "valid_loss", "full_valid_loss", "full_valid_mean_token_accuracy",
      ] {
        #expect(data[key] == .null, "\(key)")
      }
      #expect(data["model_graders_token_usage"]?.object?.isEmpty == true)
      #expect(data["usage"]?["samples"]?["train_reasoning_tokens_count"] == 16)
      let errors = try #require(data["errors"]?["graders"]?.array?.first)
      #expect(errors["name"] == "vowels" && errors["type"] == "regex")
      for kind in [
        "other_error", "sample_parse_error", "invalid_variable_error", "python_grader_server_error",
        "python_grader_runtime_error", "model_grader_server_error", "model_grader_parse_error",
      ] {
        #expect(errors["train_\(kind)_count"] == 0, "\(kind)")
      }
      #expect(data["scores"]?["graders"]?.array?.first?["train_reward_mean"] == 0.2)
      #expect(data["timing"]?["step"]?["full_iteration"] == 3.5)
    }
  }

  @Test func `a job that names a Lambda is told of in the words of those that know Lambdas`() async throws {
    let shop = try await Workshop()
    var order = shop.order("j")
    order.request = ["method": ["type": "reinforcement", "reinforcement": ["grader": ["type": "lambda"]]]]
    try await shop.withDesk { [order] desk in
      _ = try await desk.submit(order)
      try await shop.job("j") { $0.status == .succeeded }
      let event = try #require(try await shop.events("j").first { $0.source == "step 2" })
      #expect(event.message == "Step 3/10: training metrics")
      #expect(event.data?.value["train_mean_reward"] == 0.2)
    }
  }

  @Test func `the result file has a line for every step`() async throws {
    let shop = try await Workshop()
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      let job = try await shop.job("j") { $0.status == .succeeded }
      let file = try #require(try await shop.store.file(job.resultFile ?? "", projectID: "proj_1"))
      #expect(file.filename == "step_metrics.csv" && file.purpose == "fine-tune-results")
      let text = try String(contentsOfFile: shop.blobs.path(file.id), encoding: .utf8)
      #expect(text.utf8.count == file.bytes)
      let lines = text.split(separator: "\n").map {
        $0.split(separator: ",", omittingEmptySubsequences: false)
      }
      #expect(lines.count == 11)
      #expect(lines.allSatisfy { $0.count == lines[0].count })
      #expect(lines[0].prefix(3) == ["step", "train_mean_reward", "full_valid_mean_reward"])
      #expect(lines[0].contains("errors/graders/vowels/train_sample_parse_error_count"))
      #expect(lines[3].prefix(3) == ["3", "0.2", "0.35"])
      #expect(lines[10].prefix(3) == ["10", "0.9", "1.05"], "the last measurement comes from the comparison")
    }
  }

  @Test func `a paused job leaves a checkpoint that can be asked, and goes on from it`() async throws {
    let shop = try await Workshop()
    var order = shop.order("j")
    order.choices.evalInterval = 4
    await shop.launcher.script("j", [3: .hold], [5: .hold])
    try await shop.withDesk { [order] desk in
      _ = try await desk.submit(order)
      try await shop.until("step 3") { try await shop.toldSteps("j") == [1, 2, 3] }
      let answer = try await desk.pause("j")
      #expect(answer.status == .running && answer.wish == .pause)
      let job = try await shop.job("j") { $0.status == .paused }
      #expect(job.wish == nil && job.waitingFor?.hasPrefix("waits to be resumed, since 20") == true)
      #expect(try await shop.store.checkpoints(of: "j").map(\.step) == [3])
      #expect(try await desk.pause("j").status == .paused, "once more is no error")
      #expect(try await desk.resume("j").status == .queued)
      try await shop.until("step 5") { try await shop.toldSteps("j") == [1, 2, 3, 4, 5] }
      #expect(try await shop.store.checkpoints(of: "j").map(\.step) == [3, 4], "what was promised is kept")
      await shop.launcher.release()
      let done = try await shop.job("j") { $0.status.isFinal }
      #expect(done.status == .succeeded && done.attempts == 2)
      #expect(try await shop.toldSteps("j") == Array(1...10))
      #expect(try await shop.store.checkpoints(of: "j").map(\.step) == [3, 4, 8, 10])
      #expect(
        try await shop.messages("j").contains("The job is paused; it goes on from the checkpoint of step 3"))
      #expect(await shop.launcher.collisions == 0)
    }
  }

  @Test func `a run that finishes while a pause is on its way has succeeded`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("j", [9: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 9") { try await shop.toldSteps("j").count == 9 }
      // The last step is taken before the wish is seen: the release comes first.
      await shop.launcher.release()
      _ = try? await desk.pause("j")
      let job = try await shop.job("j") { $0.status == .succeeded || $0.status == .paused }
      if job.status == .paused { _ = try await desk.resume("j") }
      let end = try await shop.job("j") { $0.status.isFinal }
      #expect(end.status == .succeeded)
      #expect(try await shop.store.job("j")?.wish == nil)
    }
  }

  @Test func `cancelling keeps what there is, and once more is no error`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("j", [6: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("j"))
      try await shop.until("step 6") { try await shop.toldSteps("j").count == 6 }
      let job = try await desk.cancel("j")
      #expect(job.status == .cancelled)
      #expect(job.trainedTokens == 600 && job.tunedModel == nil && job.finishedAt != nil)
      #expect(try await shop.store.checkpoints(of: "j").map(\.step) == Array(1...6))
      #expect(try await shop.store.file(job.resultFile ?? "", projectID: "proj_1") != nil)
      #expect(try await desk.cancel("j") == job)
      await #expect {
        _ = try await desk.resume("j")
      } throws: { ($0 as? JobFailure)?.kind == .state }
      await #expect {
        _ = try await desk.pause("nobody")
      } throws: { ($0 as? JobFailure)?.kind == .missing }
      #expect(await shop.launcher.atWork == 0)
    }
  }

  @Test func `jobs that wait are paused, resumed and cancelled at once`() async throws {
    let shop = try await Workshop()
    await shop.launcher.script("first", [1: .hold])
    try await shop.withDesk { desk in
      _ = try await desk.submit(shop.order("first"))
      try await shop.job("first") { $0.status == .running }
      _ = try await desk.submit(shop.order("second"))
      let waiting = try await shop.job("second") {
        $0.status == .queued && $0.waitingFor?.contains("worker") == true
      }
      #expect(
        waiting.waitingFor?.hasPrefix("waits for a worker: the only one is busy with other jobs, since 20")
          == true)
      #expect(try await desk.pause("second").status == .paused)
      #expect(try await desk.resume("second").status == .queued)
      #expect(try await desk.pause("second").status == .paused)
      let cancelled = try await desk.cancel("second")
      #expect(cancelled.status == .cancelled && cancelled.resultFile == nil)
      #expect(try await desk.resume("first").status == .running, "nothing to do is no error")
      await shop.launcher.release()
      try await shop.job("first") { $0.status == .succeeded }
    }
    #expect(await shop.launcher.started.count == 1)
  }
}
