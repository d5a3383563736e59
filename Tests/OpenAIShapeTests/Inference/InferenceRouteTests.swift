import Cluster
import Inference
import Records
import Store
import Testing

struct InferenceRouteTests {
  private static func chat(_ text: String, model: String = "tiny") -> JSONValue {
    ["model": .string(model), "messages": [["role": "user", "content": .string(text)]]]
  }

  private static func expect(_ client: TestClient, _ text: String, _ status: Int) async throws {
    let answer = try await client.post("/v1/chat/completions", chat(text))
    #expect(answer.status == status, "\(answer.text)")
  }

  @Test func `another project's model is not there`() async throws {
    let service = try await InferenceService(ScriptedModels())
    try await service.serve { client in
      let model = "ft:tiny:mine::abc:ckpt-step-2"
      let own = try await client.post("/v1/chat/completions", Self.chat("Hi", model: model))
      #expect(own.status == 200)
      let theirs = try await client.with(key: service.otherKey).post(
        "/v1/chat/completions", Self.chat("Hi", model: model))
      #expect(theirs.status == 404)
      #expect(theirs.error["code"] == "model_not_found")
    }
  }

  @Test func `a project that has used up its tokens is told so, and one below its limit is not`() async throws
  {
    let service = try await InferenceService(ScriptedModels(), maxTokensPerDay: 10)
    try await service.serve { client in
      // Two tokens of the prompt and seven of the answer each.
      for _ in 0..<2 {
        try await Self.expect(client, "Hi", 200)
      }
      let refused = try await client.post("/v1/chat/completions", Self.chat("Hi"))
      #expect(refused.status == 429)
      #expect(refused.error["code"] == "insufficient_quota")
      let use = try #require(try await service.usage())
      #expect(use.requests == 2)
      #expect(use.promptTokens == 4)
      #expect(use.cachedTokens == 2)
      #expect(use.completionTokens == 14)
    }
  }

  @Test func `what fails before it has begun is not counted, what breaks off is`() async throws {
    let service = try await InferenceService(ScriptedModels())
    try await service.serve { client in
      try await Self.expect(client, "busy", 429)
      let dead = try await client.post("/v1/chat/completions", Self.chat("dead"))
      #expect(dead.status == 503)
      #expect(dead.headers["retry-after"] == "3")
      let none = try await service.usage()
      #expect(none == nil)
      try await Self.expect(client, "break", 503)
      let use = try await service.usage()
      #expect(use?.completionTokens == 7)
    }
  }

  @Test(arguments: [
    (
      "/v1/chat/completions",
      #""messages": [{"role": "user", "content": "unheld"}], "tool_choice": "required""#, "tools"
    ),
    (
      "/v1/chat/completions",
      #""messages": [{"role": "user", "content": "unheld"}], "response_format": "#
        + #"{"type": "json_schema", "json_schema": {"name": "x", "schema": {"type": "x"}}}"#,
      "response_format"
    ),
    (
      "/v1/responses",
      #""input": "unheld", "text": {"format": {"type": "json_schema", "name": "x", "schema": {"type": "x"}}}"#,
      "text.format"
    ),
  ])
  func `a form that a model cannot be held to is named`(_ path: String, _ members: String, _ param: String)
    async throws
  {
    let service = try await InferenceService(ScriptedModels())
    try await service.serve { client in
      let answer = try await client.post(path, try JSONValue(parsing: #"{"model": "tiny", \#(members)}"#))
      #expect(answer.status == 400)
      #expect(answer.error["param"]?.string == param, "\(answer.text)")
    }
  }

  @Test func `a deployment's name may hold slashes`() async throws {
    let models = ScriptedModels()
    let service = try await InferenceService(
      models, catalogue: .init([.init(name: "org/model", source: "/nowhere")]))
    try await service.serve { client in
      for path in ["org/model", "org%2Fmodel"] {
        let answer = try await client.post(
          "/openai/deployments/\(path)/chat/completions?api-version=x", Self.chat("Hi", model: "ignored"))
        #expect(answer.status == 200)
        #expect(answer.json["model"] == "org/model")
      }
      try await Self.expect(client, "Hi", 404)
    }
  }

  @Test(arguments: [false, true])
  func `prompts of a request that is under way wait where they are turned away`(isStreamed: Bool) async throws
  {
    let service = try await InferenceService(RefusingModels([2, 3]))
    try await service.serve { client in
      let answer = try await client.post(
        "/v1/completions", ["model": "tiny", "prompt": ["a", "b", "c"], "stream": .bool(isStreamed)])
      #expect(answer.status == 200, "\(answer.text)")
      #expect(answer.text.count(where: { $0 == "👋" }) == 3)
    }
    // Where nothing of it is under way, it is turned away itself.
    let full = try await InferenceService(RefusingModels(Set(1...9)))
    try await full.serve { client in
      let answer = try await client.post(
        "/v1/completions", ["model": "tiny", "prompt": ["a", "b", "c"], "stream": .bool(isStreamed)])
      #expect(answer.status == 429)
    }
  }

  @Test func `an answer that could not be held is turned away with the limit`() async throws {
    let models = ScriptedModels()
    let service = try await InferenceService(models)
    try await service.serve { client in
      let message: JSONValue = [["role": "user", "content": "Hi"]]
      let chat: JSONValue = [
        "model": "tiny", "messages": message, "n": 128, "logprobs": true, "top_logprobs": 20,
      ]
      let long: JSONValue = [
        "model": "tiny", "prompt": .array(Array(repeating: [1, 2], count: 2000)), "max_tokens": 2000,
        "logprobs": 5,
      ]
      let generation: JSONValue = [
        "model": "tiny", "token_ids": [1],
        "sampling_params": ["n": 128, "logprobs": 20, "max_tokens": 5000],
      ]
      for (path, body, param) in [
        ("/v1/chat/completions", chat, "n"), ("/v1/completions", long, "prompt"),
        ("/inference/v1/generate", generation, "n"),
      ] {
        let answer = try await client.post(path, body)
        #expect(answer.status == 400)
        #expect(answer.message.contains("4000000"))
        #expect(answer.error["param"]?.string == param)
      }
      #expect(models.requests.isEmpty)
      var short = try #require(chat.object)
      short["max_tokens"] = 100
      let answer = try await client.post("/v1/chat/completions", .object(short))
      #expect(answer.status == 200)
    }
  }

  @Test func `a stream of completions tells the ids of every prompt`() async throws {
    let service = try await InferenceService(ScriptedModels())
    try await service.serve { client in
      let answer = try await client.post(
        "/v1/completions",
        ["model": "tiny", "prompt": ["ab", "c"], "n": 2, "stream": true, "return_token_ids": true])
      let choices = try answer.text.split(separator: "\n\n").compactMap { line in
        line.hasSuffix("[DONE]")
          ? nil : try JSONValue(parsing: String(line.dropFirst("data: ".count)))["choices"]?.array?.first
      }
      for (index, ids) in [(0, [97, 98]), (1, [97, 98]), (2, [99]), (3, [99])] {
        let told = choices.filter { $0["index"]?.integer == index }.map {
          $0["prompt_token_ids"]?.array?.compactMap(\.integer)
        }
        #expect(told.first == ids)
        #expect(told.dropFirst().allSatisfy { $0 == nil })
      }
    }
  }

  @Test(arguments: [
    ("/v1/chat/completions", "[1]"), ("/v1/chat/completions", "{"),
    ("/v1/completions", #"{"model": "tiny"}"#),
    ("/v1/responses", #"{"model": "tiny"}"#),
    ("/v1/responses", #"{"model": "tiny", "input": [{"type": "computer_call"}]}"#),
    ("/inference/v1/generate", #"{"model": "tiny", "token_ids": ["a"]}"#),
    ("/inference/v1/generate", #"{"model": "tiny", "token_ids": [1], "stream": true}"#),
    ("/v1/completions", #"{"model": "tiny", "prompt": "x", "suffix": "y"}"#),
  ])
  func `a malformed body is the client's mistake`(_ path: String, _ body: String) async throws {
    let service = try await InferenceService(ScriptedModels())
    try await service.serve { client in
      let answer = try await client.send("POST", path, body: Array(body.utf8), type: "application/json")
      #expect(answer.status == 400, "\(answer.text)")
      #expect(answer.error["message"]?.string?.isEmpty == false)
    }
  }
}
