import Graders
import OperantTesting
import Records
import Store
import Testing

@testable import OpenAIShape

struct GraderTests {
  private func run(_ client: TestClient, _ grader: JSONValue, _ answer: String, item: JSONValue = [:])
    async throws
    -> TestClient.Answer
  {
    try await client.post(
      "/v1/fine_tuning/alpha/graders/run", ["grader": grader, "model_sample": .string(answer), "item": item])
  }

  @Test func `each kind of grader answers in the API's form, and a failure is an answer with a flag`()
    async throws
  {
    let service = try await JobsService()
    let template: JSONValue = "{{ sample.output_json.a }}"
    let cases: [(JSONValue, answer: String, reward: Double?, flag: String?)] = [
      (JobRequestTests.grader, "4", 1, nil), (JobRequestTests.grader, "5", 0, nil),
      (
        [
          "type": "multi",
          "graders": [
            ["type": "string_check", "name": "a", "input": "x", "reference": "x", "operation": "eq"]
          ],
          "calculate_output": "a * 5",
        ], "", 5, nil
      ),
      (
        ["type": "string_check", "name": "j", "input": template, "reference": "1", "operation": "neq"],
        #"{"a": 2}"#, 1, nil
      ),
      (
        ["type": "string_check", "name": "m", "input": "{{item.none}}", "reference": "1", "operation": "eq"],
        "",
        nil, "invalid_variable_error"
      ),
      (
        [
          "type": "score_model", "name": "s", "model": "judge", "input": [["role": "user", "content": "hi"]],
        ], "",
        nil, "model_grader_server_error"
      ),
    ]
    try await service.serve { client in
      for (grader, text, reward, flag) in cases {
        let answer = try await run(client, grader, text, item: ["answer": "4"])
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["reward"]?.double == reward, "\(answer.text)")
        let errors = try #require(answer.json["metadata"]?["errors"]?.object)
        for name in [
          "formula_parse_error", "sample_parse_error", "truncated_observation_error",
          "unresponsive_reward_error",
          "invalid_variable_error", "other_error", "python_grader_server_error",
          "python_grader_runtime_error",
          "model_grader_server_error", "model_grader_refusal_error", "model_grader_parse_error",
        ] { #expect(errors[name]?.bool == (name == flag), "\(name): \(answer.text)") }
        for name in [
          "python_grader_server_error_type", "python_grader_runtime_error_details",
          "model_grader_server_error_details",
        ] { #expect(errors[name] != nil) }
        for name in ["name", "type", "execution_time", "scores", "token_usage", "sampled_model_name"] {
          #expect(answer.json["metadata"]?[name] != nil, "\(name)")
        }
        #expect(answer.json["sub_rewards"]?.object != nil)
        #expect(answer.json["model_grader_token_usage_per_model"]?.object != nil)
      }
    }
  }

  /// The endpoint's own deadline is ten minutes.
  @Test(.timeLimit(.minutes(5)))
  func `a trial ends when its client has gone`() async throws {
    var service = try await JobsService()
    service.hosting.trialSeconds = 36_000
    let hosted = service
    try await hosted.serve { client in
      let grader: JSONValue = [
        "type": "endpoint", "name": "slow", "url": .string("\(client.base)/test/endless"),
        "headers": ["authorization": .string("Bearer \(client.key)")],
      ]
      let trial: JSONValue = ["grader": grader, "model_sample": "x", "item": [:]]
      let body = trial.serialised()
      let connection = try HalfRequest(port: client.port)
      connection.send(
        "POST /v1/fine_tuning/alpha/graders/run HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(client.key)\r\n"
          + "Content-Type: application/json\r\nContent-Length: \(body.utf8.count)\r\n\r\n\(body)")
      for await _ in hosted.endless.began { break }
      connection.hangUp()
      for await _ in hosted.endless.left { break }
    }
  }

  @Test func `a grader that is none is refused with all that is wrong`() async throws {
    let service = try await JobsService()
    try await service.serve { client in
      let path = "/v1/fine_tuning/alpha/graders/validate"
      let broken: JSONValue = [
        "type": "multi", "calculate_output": "a + b",
        "graders": ["a": ["type": "string_check", "input": 5, "reference": "x"]],
      ]
      let answer = try await client.post(path, ["grader": broken])
      #expect(answer.status == 400)
      for word in ["operation", "calculate_output"] {
        #expect(answer.message.contains(word), "\(answer.message)")
      }
      #expect(try await client.post(path, [:]).error["param"]?.string == "grader")
      #expect(try await client.post(path, ["grader": "x"]).status == 400)
      let list: JSONValue = [
        "type": "multi", "name": "all", "calculate_output": "same", "graders": [JobRequestTests.grader],
      ]
      let valid = try await client.post(path, ["grader": list])
      #expect(valid.json["grader"]?["graders"]?["same"]?["type"] == "string_check", "\(valid.text)")
    }
  }

  @Test func `a definition may not name what is the machine's, nor call a metadata service`() async throws {
    let service = try await JobsService()
    let python: [String: JSONValue] = ["type": "python", "name": "p"]
    func with(_ changes: [(String, JSONValue)]) -> JSONValue {
      .object(JSONObject(python.sorted { $0.key < $1.key }.map { ($0.key, $0.value) } + changes))
    }
    let judge: [(String, JSONValue)] = [
      ("type", "score_model"), ("model", "tiny"), ("input", [["role": "user", "content": "x"]]),
    ]
    let cases: [(JSONValue, param: String)] = [
      (with([("file", "/etc/passwd")]), "grader.file"),
      (with([("source", "def grade(s, i): return 1"), ("folders", ["/root"])]), "grader.folders"),
      (with([("source", "def grade(s, i): return 1"), ("python", "/tmp/python")]), "grader.python"),
      (with(judge + [("endpoint", ["api_key_env": "AWS_SECRET"])]), "grader.endpoint.api_key_env"),
      (with(judge + [("cache", ["file": "/tmp/x"])]), "grader.cache.file"),
      (
        with(judge + [("endpoint", ["base_url": "http://169.254.169.254/v1"])]), "grader.endpoint.base_url"
      ),
      (["type": "endpoint", "url": "http://[fd00:ec2::254]/"], "grader.url"),
      (["type": "lambda", "lambda": ["file": "/tmp/h.py"]], "grader.lambda.file"),
      (
        ["type": "multi", "graders": ["a": with([("file", "/etc/passwd")])], "calculate_output": "a"],
        "grader.graders.a.file"
      ),
    ]
    try await service.serve { client in
      for (grader, param) in cases {
        let answer = try await client.post("/v1/fine_tuning/alpha/graders/validate", ["grader": grader])
        #expect(answer.status == 400, "\(answer.text)")
        #expect(answer.error["param"]?.string == param, "\(answer.text)")
      }
    }
  }

  @Test func `a Lambda that is registered becomes its grader, by ARN or by name, and another is refused`()
    async throws
  {
    var service = try await JobsService()
    service.hosting.lambdas = ["grade": JobRequestTests.grader]
    let file = try await service.file()
    let hosted = service
    try await hosted.serve { client in
      let arn = "arn:aws:lambda:us-west-2:111122223333:function:grade"
      for function in ["grade", arn, arn + ":7", "grade:live"] {
        let lambda: JSONValue = ["type": "lambda", "lambda": ["function": .string(function)]]
        let made = try await client.post(
          "/v1/fine_tuning/jobs", JobRequestTests.body(file.id, tuning: [("grader", lambda)]))
        #expect(made.status == 200, "\(made.text)")
        let id = try #require(made.json["id"]?.string)
        #expect(try await hosted.store.job(id)?.plan?.value["grader"]?["type"] == "string_check")
        #expect(made.json["method"]?["reinforcement"]?["grader"]?["lambda"]?["function"]?.string == function)
      }
      let other: JSONValue = ["type": "lambda", "lambda": ["function": "other"]]
      let refused = try await client.post(
        "/v1/fine_tuning/jobs", JobRequestTests.body(file.id, tuning: [("grader", other)]))
      #expect(refused.status == 400)
      #expect(refused.message.contains("registered: grade"), "\(refused.message)")
    }
  }

  @Test func `a client says how a registered Lambda is called, and not where or how often`() async throws {
    var service = try await JobsService()
    service.hosting.lambdas = [
      "grade": [
        "type": "lambda", "name": "g",
        "lambda": [
          "function": "function", "endpoint_url": "http://127.0.0.1:9001", "concurrency": 2, "timeout": 9,
        ],
      ]
    ]
    let file = try await service.file()
    let hosted = service
    try await hosted.serve { client in
      let lambda: JSONValue = [
        "type": "lambda",
        "lambda": [
          "function": "grade", "endpoint_url": "http://example.org", "headers": ["a": "b"], "concurrency": 99,
          "timeout": 7, "batch_size": 4, "reference_form": "text_object", "retries": nil,
        ],
      ]
      let made = try await client.post(
        "/v1/fine_tuning/jobs", JobRequestTests.body(file.id, tuning: [("grader", lambda)]))
      #expect(made.status == 200, "\(made.text)")
      let id = try #require(made.json["id"]?.string)
      let plan = try await hosted.store.job(id)?.plan?.value
      #expect(
        plan?["grader"]?["lambda"]
          == [
            "function": "function", "endpoint_url": "http://127.0.0.1:9001", "concurrency": 2, "timeout": 7,
            "batch_size": 4, "reference_form": "text_object",
          ])
    }
  }

  @Test func `judges that are asked here must be here`() async throws {
    var service = try await JobsService()
    service.hosting.servesJudges = true
    let hosted = service
    try await hosted.serve { client in
      func validate(_ model: String, _ more: [(String, JSONValue)] = []) async throws -> TestClient.Answer {
        let judge = JSONObject(
          [
            ("type", "score_model"), ("name", "s"), ("model", .string(model)),
            ("input", [["role": "user", "content": "x"]]),
          ] + more)
        return try await client.post("/v1/fine_tuning/alpha/graders/validate", ["grader": .object(judge)])
      }
      #expect(try await validate("tiny").status == 200)
      #expect(try await validate("gpt-tiny").status == 200)
      let missing = try await validate("gpt-9")
      #expect(missing.status == 400 && missing.error["code"]?.string == "model_not_found")
      #expect(missing.message.contains("tiny"))
      let elsewhere = try await validate("gpt-9", [("endpoint", ["base_url": "https://judge.example/v1"])])
      #expect(elsewhere.status == 200, "\(elsewhere.text)")
    }
  }

  @Test func `a worker asks for judges as its project, and nobody can make such a key up`() {
    let keys = InternalKeys(master: Array("secret".utf8))
    let variables = JudgeEnvironment(url: "http://127.0.0.1:1/v1", keys: keys).variables(for: "proj_a-b")
    #expect(variables["OPERANT_JUDGE_URL"] == "http://127.0.0.1:1/v1")
    let key = variables["OPERANT_JUDGE_API_KEY"] ?? ""
    #expect(keys.projectID(of: key) == "proj_a-b")
    #expect(InternalKeys(master: [1]).projectID(of: key) == nil)
    #expect(keys.projectID(of: key.replacing("proj_a", with: "proj_b")) == nil)
    #expect(keys.projectID(of: "sk-internal-proj_a") == nil)
    #expect(keys.projectID(of: "") == nil)
  }
}
