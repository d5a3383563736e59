import Foundation
import Records
import Store
import Testing

struct JobRequestTests {
  static let grader: JSONValue = [
    "type": "string_check", "name": "same", "input": "{{sample.output_text}}", "reference": "{{item.answer}}",
    "operation": "eq",
  ]

  static func body(_ file: String, _ changes: [(String, JSONValue)] = [], tuning: [(String, JSONValue)] = [])
    -> JSONValue
  {
    var reinforcement = JSONObject([("grader", grader)])
    for (key, value) in tuning { reinforcement[key] = value }
    let method: JSONValue = ["type": "reinforcement", "reinforcement": .object(reinforcement)]
    var body = JSONObject([("model", "tiny"), ("training_file", .string(file)), ("method", method)])
    for (key, value) in changes { body[key] = value }
    return .object(body)
  }

  @Test func `each mistake has its field, and words that say what to do`() async throws {
    let service = try await JobsService()
    let file = try await service.file()
    let results = try await service.file(purpose: "fine-tune-results")
    let many = JSONValue.object(JSONObject((0..<17).map { ("k\($0)", "v") }))
    let cases: [(JSONValue, param: String, words: [String])] = [
      (Self.body(file.id, [("model", "gpt-none")]), "model", ["gpt-none", "tiny"]),
      (Self.body("file-none"), "training_file", ["file-none"]),
      (Self.body(results.id), "training_file", ["fine-tune-results"]),
      (Self.body(file.id, [("validation_file", "file-none")]), "validation_file", ["file-none"]),
      (
        Self.body(file.id, [("method", ["type": "supervised"])]), "method.type",
        ["supervised", "reinforcement"]
      ),
      (Self.body(file.id, [("method", ["type": "dpo", "dpo": [:]])]), "method.type", ["dpo"]),
      (
        Self.body(file.id, [("method", ["type": "reinforcment"])]), "method.type",
        ["did you mean 'reinforcement'"]
      ),
      (Self.body(file.id, [("method", .null)]), "method", ["supervised"]),
      (Self.body(file.id, [("test_file", "x")]), "test_file", ["validation_file"]),
      (Self.body(file.id, [("validation_fil", "x")]), "validation_fil", ["did you mean 'validation_file'"]),
      (Self.body(file.id, [("n_epochs", 3)]), "n_epochs", ["method.reinforcement.hyperparameters"]),
      (Self.body(file.id, [("seed", -1)]), "seed", ["-1"]),
      (Self.body(file.id, [("suffix", "a:b")]), "suffix", ["a:b"]),
      (Self.body(file.id, [("suffix", .string(String(repeating: "a", count: 65)))]), "suffix", ["65", "64"]),
      (Self.body(file.id, [("metadata", many)]), "metadata", ["17", "16"]),
      (Self.body(file.id, [("metadata", ["a": 1])]), "metadata.a", ["a number"]),
      (Self.body(file.id, [("integrations", [["type": "mlflow"]])]), "integrations[0].type", ["wandb"]),
      (
        Self.body(file.id, [("integrations", [["type": "wandb", "wandb": [:]]])]),
        "integrations[0].wandb.project", ["missing"]
      ),
      (
        Self.body(file.id, tuning: [("hyperparameters", ["batch_size": 257])]),
        "method.reinforcement.hyperparameters.batch_size", ["257", "256"]
      ),
      (
        Self.body(file.id, tuning: [("hyperparameters", ["n_epochs": "3"])]),
        "method.reinforcement.hyperparameters.n_epochs", ["\"3\"", "auto"]
      ),
      (
        Self.body(file.id, tuning: [("hyperparameters", ["learning_rate_multiplier": 0])]),
        "method.reinforcement.hyperparameters.learning_rate_multiplier", ["above 0"]
      ),
      (
        Self.body(file.id, tuning: [("hyperparameters", ["compute_multiplier": 10.5])]),
        "method.reinforcement.hyperparameters.compute_multiplier", ["10"]
      ),
      (
        Self.body(file.id, tuning: [("hyperparameters", ["reasoning_effort": "max"])]),
        "method.reinforcement.hyperparameters.reasoning_effort", ["medium"]
      ),
      (
        Self.body(file.id, tuning: [("hyperparameters", ["epochs": 3])]),
        "method.reinforcement.hyperparameters.epochs", ["n_epochs"]
      ),
      (Self.body(file.id, tuning: [("tools", [])]), "method.reinforcement.tools", ["call tools"]),
      (
        Self.body(
          file.id, tuning: [("response_format", ["type": "json_schema", "json_schema": ["name": "a"]])]),
        "method.reinforcement.response_format.json_schema.schema", ["missing"]
      ),
      (
        Self.body(file.id, tuning: [("grader", ["type": "string_check"])]),
        "method.reinforcement.grader.input", ["reference", "operation"]
      ),
      (Self.body(file.id, [("operant", ["model": ["source": "/etc"]])]), "operant.model", ["training"]),
    ]
    try await service.serve { client in
      for (body, param, words) in cases {
        let answer = try await client.post("/v1/fine_tuning/jobs", body)
        #expect(answer.status == 400, "\(param): \(answer.text)")
        #expect(answer.error["param"]?.string == param, "\(answer.text)")
        for word in words { #expect(answer.message.contains(word), "\(param): \(answer.message)") }
      }
      #expect(try await client.get("/v1/fine_tuning/jobs").json["data"]?.array?.isEmpty == true)
    }
  }

  @Test func `an empty request hears of all that is missing`() async throws {
    let service = try await JobsService()
    try await service.serve { client in
      let answer = try await client.post("/v1/fine_tuning/jobs", [:])
      for word in ["model", "training_file", "method"] { #expect(answer.message.contains(word)) }
      #expect(try await client.send("POST", "/v1/fine_tuning/jobs", body: Array("[1".utf8)).status == 400)
    }
  }

  @Test func `what was asked for is echoed, what was resolved replaces it, and every key is there`()
    async throws
  {
    let service = try await JobsService()
    let file = try await service.file()
    try await service.serve { client in
      let body = Self.body(
        file.id,
        [
          ("hyperparameters", ["n_epochs": 4, "batch_size": 2]), ("trainingType", "Standard"),
          ("operant", ["training": ["lora": ["rank": 8]], "sampling": ["stop": ["a"]]]),
        ], tuning: [("hyperparameters", ["n_epochs": 3, "eval_samples": "auto"])])
      let made = try await client.post("/v1/fine_tuning/jobs", body).json
      let keys = [
        "id", "object", "created_at", "finished_at", "estimated_finish", "model", "fine_tuned_model",
        "organization_id", "status", "hyperparameters", "training_file", "validation_file", "result_files",
        "trained_tokens", "error", "seed", "integrations", "method", "metadata",
      ]
      for key in keys { #expect(made[key] != nil, "\(key) is missing") }
      #expect(made["hyperparameters"]?["n_epochs"] == 3)
      #expect(made["hyperparameters"]?["batch_size"] == 2)
      #expect(made["hyperparameters"]?["eval_samples"] == "auto")
      #expect(made["hyperparameters"]?["reasoning_effort"] == "default")
      #expect(made["waiting_for"]?.string == "its files to be checked")
      let id = try #require(made["id"]?.string)
      let plan = try #require(try await service.store.job(id)?.plan?.value)
      #expect(plan["overrides"] == ["training.lora.rank": "8", "sampling.stop": "[\"a\"]"])
      #expect(plan["path"]?.string == service.blobs.path(file.id))
      try await service.desk.advance(id)
      let queued = try await client.get("/v1/fine_tuning/jobs/\(id)").json
      #expect(queued["hyperparameters"]?["n_epochs"] == 2)
      #expect(queued["hyperparameters"]?["samples_per_prompt"] == 8)
      #expect(queued["method"]?["reinforcement"]?["hyperparameters"]?["batch_size"] == 8)
      #expect(queued["method"]?["reinforcement"]?["grader"]?["name"] == "same")
      try await service.store.change(id) { job in
        job.status = .failed
        (job.errorCode, job.errorMessage, job.errorParam) = (
          "invalid_training_file", "line 1", "training_file"
        )
        return true
      }
      let failed = try await client.get("/v1/fine_tuning/jobs/\(id)").json
      #expect(
        failed["error"] == ["code": "invalid_training_file", "message": "line 1", "param": "training_file"])
    }
  }

  @Test func `nothing of another project's jobs is there`() async throws {
    let service = try await JobsService()
    let file = try await service.file()
    try await service.serve { client in
      let made = try await client.post("/v1/fine_tuning/jobs", Self.body(file.id)).json
      let id = try #require(made["id"]?.string)
      for _ in 0..<2 { try await service.desk.advance(id) }
      let checkpoint = try #require(
        try await client.get("/v1/fine_tuning/jobs/\(id)/checkpoints").json["data"]?.array?.first?[
          "fine_tuned_model_checkpoint"]?.string)
      let stranger = client.with(key: service.otherKey)
      for path in ["", "/events", "/checkpoints"] {
        let answer = try await stranger.get("/v1/fine_tuning/jobs/\(id)\(path)")
        #expect(answer.status == 404 && answer.error["code"]?.string == "fine_tune_not_found")
      }
      for action in ["cancel", "pause", "resume"] {
        #expect(try await stranger.post("/v1/fine_tuning/jobs/\(id)/\(action)").status == 404)
      }
      let permissions = "/v1/fine_tuning/checkpoints/\(checkpoint)/permissions"
      #expect(try await stranger.get(permissions).status == 404)
      #expect(try await stranger.get("/v1/models/\(checkpoint)").status == 404)
      // With a leave it may ask the checkpoint, and not delete it.
      let leave = try await client.post(permissions, ["project_ids": [.string(service.other.id)]])
      #expect(leave.status == 200, "\(leave.text)")
      #expect(try await stranger.get("/v1/models/\(checkpoint)").status == 200)
      #expect(try await stranger.delete("/v1/models/\(checkpoint)").status == 403)
      #expect(try await stranger.get(permissions).status == 404)
      let own = Self.body(file.id)
      #expect(try await stranger.post("/v1/fine_tuning/jobs", own).error["param"]?.string == "training_file")
    }
  }

  @Test func `names in paths may be encoded or not`() async throws {
    let service = try await JobsService()
    let name = "ft:org/base:p::x:ckpt-step-1"
    let job = Job(
      id: "ftjob-a", projectID: service.project.id, shape: .openai, request: JSONColumn([:]), model: "tiny",
      trainingFile: nil, seed: 1)
    try await service.store.insert(job)
    try await service.store.insert(
      JobCheckpoint(jobID: job.id, step: 1, model: name, metrics: JSONColumn([:])),
      model: TunedModel(
        id: name, projectID: service.project.id, base: "tiny", jobID: job.id, runFolder: "/x", step: 1))
    try await service.serve { client in
      for spelling in [name, "ft%3Aorg%2Fbase%3Ap%3A%3Ax%3Ackpt-step-1"] {
        let permissions = try await client.get("/v1/fine_tuning/checkpoints/\(spelling)/permissions")
        #expect(permissions.status == 200, "\(permissions.text)")
        #expect(try await client.get("/v1/models/\(spelling)").json["id"]?.string == name)
      }
      #expect(try await client.get("/v1/fine_tuning/checkpoints/\(name)").status == 404)
      #expect(try await client.get("/v1/models/%FF").status == 400)
    }
  }
}
