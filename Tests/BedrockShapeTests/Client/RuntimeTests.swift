import BedrockShape
import Foundation
import Inference
import Records
import Store
import Testing

/// The stock `bedrock-runtime` client against scripted answers.
struct RuntimeTests {
  /// Answers by what is asked: the last message's text, or the tools.
  static let script: ScriptedAnswering.Script = { request, _ throws(InferenceError) in
    guard case .conversation(let messages, let tools, _) = request.prompt else {
      throw InferenceError(.failed, "no conversation")
    }
    func text(_ pieces: String...) -> [AnswerEvent] { pieces.map { .text(choice: 0, $0, tokens: []) } }
    switch messages.last?.text {
    case "overloaded": throw InferenceError(.overloaded(retryAfter: 3), "too many wait already")
    case "too long":
      throw InferenceError(.contextLength, "the prompt has 9000 tokens; there is room for 4096")
    case "dies":
      return ScriptedAnswering.stream(
        [.prompt(PromptReport(tokens: [1], cached: 0))] + text("half"),
        failing: InferenceError(.failed, "the worker died"))
    default: break
    }
    if request.toolChoice == .required, !tools.isEmpty {
      return ScriptedAnswering.stream(
        ScriptedAnswering.events(
          [
            .reasoning(choice: 0, "hm"), .text(choice: 0, "look", tokens: []),
            .toolCallBegan(choice: 0, index: 0, id: "call_7", name: "weather"),
            .toolCallArguments(choice: 0, index: 0, #"{"city":"#),
            .toolCallArguments(choice: 0, index: 0, #""Ulm"}"#),
          ], .toolCalls, reasoning: 1))
    }
    if request.stop == ["END"] {
      return ScriptedAnswering.stream(ScriptedAnswering.events(text("Grüße"), .stopString("END")))
    }
    return ScriptedAnswering.stream(ScriptedAnswering.events(text("Hel", "", "lo ☂"), .stop))
  }

  @Test(.enabled(if: BotoScript.missing == nil, "\(BotoScript.missing ?? "")"))
  func `boto3 converses, streams, calls tools and invokes`() async throws {
    let service = try await TestService(answering: Self.script)
    let names = try await Self.tune(service)
    let out = try await service.serve { port in
      try await BotoScript.run("runtime.py", service.arguments(port) + names)
    }
    try converse(out, service)
    try streams(out)
    try tools(out, service)
    try invoke(out)
    try errors(out)
    #expect(out["count"] == 7)
    #expect(out["countBody"] == 7)
    #expect(out["models"]?.object?.count == 6 + names.count)
    let adapter = PolicyReference.Adapter(runFolder: "/runs/mcj-abcdefghijkl", step: nil)
    #expect(
      Array(service.answering.policies.filter { $0.adapter != nil })
        == names.map { _ in PolicyReference(base: "tiny", adapter: adapter) })
    #expect(try await service.usage().prompt >= 7 * 12)
  }

  /// A custom model with a deployment, under all names that it can be asked by.
  static func tune(_ service: TestService) async throws -> [String] {
    let project = service.mine.projectID
    let arn = "arn:aws:bedrock:us-east-1:000000000000:custom-model/operant.tiny/abcdefghijkl"
    let model = CustomModel(
      id: "abcdefghijkl", projectID: project, arn: arn, name: "my-tuned", jobID: "mcj-abcdefghijkl",
      jobARN: "job-arn", baseModelARN: "b", foundationModelARN: "f")
    _ = try await service.store.reserve(model, token: nil)
    var job = Job(
      id: model.jobID, projectID: project, shape: .bedrock, name: "j", request: JSONColumn([:]),
      model: "tiny",
      trainingFile: nil, seed: 1)
    job.status = .succeeded
    job.tunedModel = arn
    try await service.store.insert(job)
    try await service.store.insert(
      TunedModel(
        id: arn, projectID: project, base: "tiny", jobID: job.id, runFolder: "/runs/\(job.id)", step: nil))
    let deployment = ModelDeployment(
      id: "dddddddddddd", projectID: project,
      arn: "arn:aws:bedrock:us-east-1:000000000000:custom-model-deployment/dddddddddddd", name: "front",
      modelARN: arn, description: nil)
    _ = try await service.store.insert(deployment, token: nil)
    return [arn, "my-tuned", deployment.arn, "front", "dddddddddddd"]
  }

  private func converse(_ out: JSONValue, _ service: TestService) throws {
    let whole = try #require(out["converse"])
    #expect(whole["output"]?["message"] == ["role": "assistant", "content": [["text": "Grüße"]]])
    #expect(whole["stopReason"] == "stop_sequence")
    #expect(whole["usage"] == ["inputTokens": 7, "outputTokens": 5, "totalTokens": 12])
    #expect(whole["metrics"]?["latencyMs"]?.integer != nil)
    #expect(whole["additionalModelResponseFields"] == ["stop_sequence": "END"])
    #expect(whole["performanceConfig"] == ["latency": "standard"])
    #expect(out["requestId"]?.string?.hasPrefix("req_") == true)
    #expect(
      out["cache"]
        == [
          "inputTokens": 4, "outputTokens": 5, "totalTokens": 12, "cacheReadInputTokens": 3,
          "cacheWriteInputTokens": 0,
        ])
    let request = try #require(service.answering.requests.first)
    #expect(
      request.prompt
        == .conversation(
          [Message(.system, "be brief"), Message(.user, "hello")], tools: [], templateVariables: JSONObject())
    )
    #expect(request.maxTokens == 50)
    #expect(request.temperature == 0.5)
    #expect(request.topP == 0.9)
    #expect(request.topK == 20)
    #expect(request.seed == 7)
    #expect(request.stop == ["END"])
    #expect(
      service.answering.requests.contains {
        $0.format == .jsonSchema(name: "n", schema: #"{"type":"object","properties":{"b":{},"a":{}}}"#)
      })
  }

  private func streams(_ out: JSONValue) throws {
    let events = try #require(out["stream"]?["events"]?.array)
    #expect(out["stream"]?["error"] == .null)
    #expect(
      events.compactMap { $0.object?.keys.first } == [
        "messageStart", "contentBlockDelta", "contentBlockDelta", "contentBlockStop", "messageStop",
        "metadata",
      ])
    #expect(events[0]["messageStart"]?["role"] == "assistant")
    #expect(
      events.compactMap { $0["contentBlockDelta"]?["delta"]?["text"]?.string }.joined() == "Hello ☂")
    #expect(events[4]["messageStop"]?["stopReason"] == "end_turn")
    #expect(events[5]["metadata"]?["usage"]?["totalTokens"] == 12)
    let broken = try #require(out["diesInStream"])
    #expect(broken["events"]?.array?.count == 2)
    #expect(broken["error"]?["code"] == "modelStreamErrorException")
    #expect(broken["error"]?["message"]?.string?.contains("the worker died") == true)
  }

  private func tools(_ out: JSONValue, _ service: TestService) throws {
    #expect(out["tools"]?["stopReason"] == "tool_use")
    #expect(
      out["tools"]?["output"]?["message"]?["content"]
        == [
          ["reasoningContent": ["reasoningText": ["text": "hm"]]], ["text": "look"],
          ["toolUse": ["toolUseId": "call_7", "name": "weather", "input": ["city": "Ulm"]]],
        ])
    let events = try #require(out["toolStream"]?["events"]?.array)
    #expect(
      events.compactMap { $0.object?.keys.first } == [
        "messageStart", "contentBlockDelta", "contentBlockStop", "contentBlockDelta", "contentBlockStop",
        "contentBlockStart", "contentBlockDelta", "contentBlockDelta", "contentBlockStop", "messageStop",
        "metadata",
      ])
    #expect(
      events[5]["contentBlockStart"]
        == ["contentBlockIndex": 2, "start": ["toolUse": ["toolUseId": "call_7", "name": "weather"]]])
    #expect(
      events.compactMap { $0["contentBlockDelta"]?["delta"]?["toolUse"]?["input"]?.string }.joined()
        == #"{"city":"Ulm"}"#)
    let request = try #require(
      service.answering.requests.first { request in
        if case .conversation(let messages, _, _) = request.prompt { messages.count == 5 } else { false }
      })
    guard case .conversation(let messages, let tools, _) = request.prompt else { return }
    #expect(messages.map(\.role) == [.user, .assistant, .tool, .tool, .user])
    #expect(messages[1].toolCalls == [ToolCall(id: "call_1", name: "weather", arguments: #"{"city":"Ulm"}"#)])
    #expect(messages[1].reasoning == "hm")
    #expect(messages[2].text == "{\"sky\":\"grey\"}\nand wet")
    #expect(messages[2].toolCallID == "call_1")
    #expect(messages[3].text == "error:\nno")
    #expect(tools.first?["function"]?["parameters"]?["type"] == "object")
  }

  private func invoke(_ out: JSONValue) throws {
    #expect(out["nova"]?["type"] == "application/json")
    #expect(out["nova"]?["tokens"] == ["7", "5"])
    #expect(out["nova"]?["repeated"] == ["optimized", "priority"])
    #expect(out["nova"]?["body"]?["output"]?["message"]?["content"] == [["text": "Hello ☂"]])
    #expect(out["nova"]?["body"]?["stopReason"] == "end_turn")
    let chat = try #require(out["chat"]?["body"])
    #expect(chat["object"] == "chat.completion")
    #expect(chat["choices"]?.array?.first?["message"]?["content"] == "Hello ☂")
    #expect(chat["choices"]?.array?.first?["finish_reason"] == "stop")
    #expect(chat["usage"]?["total_tokens"] == 12)
    let call = try #require(out["chatTools"]?["body"]?["choices"]?.array?.first)
    #expect(call["finish_reason"] == "tool_calls")
    #expect(call["message"]?["reasoning_content"] == "hm")
    #expect(
      call["message"]?["tool_calls"]
        == [
          [
            "id": "call_7", "type": "function",
            "function": ["name": "weather", "arguments": #"{"city":"Ulm"}"#],
          ]
        ])
    let nova = try #require(out["novaStream"]?["chunks"]?.array)
    #expect(out["novaStream"]?["type"] == "application/json")
    #expect(nova.first?["messageStart"] != nil)
    #expect(nova.last?["amazon-bedrock-invocationMetrics"]?["outputTokenCount"] == 5)
    #expect(nova.compactMap { $0["contentBlockDelta"]?["delta"]?["text"]?.string }.joined() == "Hello ☂")
    let chunks = try #require(out["chatStream"]?["chunks"]?.array)
    #expect(
      chunks.compactMap { $0["choices"]?.array?.first?["delta"]?["content"]?.string }.joined() == "Hello ☂")
    #expect(chunks.last?["choices"]?.array?.first?["finish_reason"] == "stop")
  }

  private func errors(_ out: JSONValue) throws {
    for key in ["image", "temperature", "last", "guardrail", "body", "prompt", "tooLong"] {
      #expect(out[key]?["class"] == "ValidationException", "\(key): \(out[key]?.serialised() ?? "")")
      #expect(out[key]?["status"] == 400, "\(key)")
    }
    #expect(out["temperature"]?["message"]?.string?.hasPrefix("2 validation errors detected") == true)
    #expect(out["image"]?["message"]?.string?.contains("messages[0].content[0]") == true)
    #expect(out["noModel"]?["class"] == "ResourceNotFoundException")
    #expect(out["overloaded"]?["class"] == "ThrottlingException")
    #expect(out["overloaded"]?["status"] == 429)
    #expect(out["dies"]?["class"] == "ServiceUnavailableException")
    #expect(out["throttled"] == "ThrottlingException")
  }
}
