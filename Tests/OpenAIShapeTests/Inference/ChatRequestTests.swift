import Gateway
import Inference
import Records
import Testing

@testable import OpenAIShape

struct ChatRequestTests {
  private static func read(_ members: String) throws -> ChatRequest {
    let text = #"{"model": "m", "messages": [{"role": "user", "content": "Hi"}], \#(members)}"#
    return try ChatRequest(try #require(try JSONValue(parsing: text).object), model: nil)
  }

  @Test func `every field that clients send reaches the sampler`() throws {
    let chat = try Self.read(
      """
      "temperature": 0.5, "top_p": 0.9, "n": 2, "seed": -1, "stop": ["a", "b"], "max_tokens": 5,
      "max_completion_tokens": 7, "presence_penalty": 1, "frequency_penalty": -1, "logit_bias": {"12": -100},
      "top_k": 3, "min_p": 0.1, "repetition_penalty": 1.2, "ignore_eos": true, "min_tokens": 2,
      "stop_token_ids": [9], "skip_special_tokens": false, "parallel_tool_calls": false, "logprobs": true,
      "top_logprobs": 4, "return_token_ids": true, "stream": true, "stream_options": {"include_usage": true},
      "response_format": {"type": "json_schema", "json_schema": {"name": "x", "strict": true,
        "schema": {"type": "object", "b": 1, "a": 2}}},
      "chat_template_kwargs": {"custom": 1}, "reasoning_effort": "none", "user": "me", "metadata": {"a": "b"},
      "store": true, "service_tier": "auto", "whatever": [1]
      """)
    let answer = chat.answer
    #expect(answer.temperature == 0.5)
    #expect(answer.topP == 0.9)
    #expect(answer.choices == 2)
    #expect(answer.seed == .max)
    #expect(answer.stop == ["a", "b"])
    #expect(answer.maxTokens == 7)
    #expect(answer.presencePenalty == 1)
    #expect(answer.frequencyPenalty == -1)
    #expect(answer.bias == [TokenBias(token: 12, bias: -100)])
    #expect(answer.topK == 3)
    #expect(answer.minP == 0.1)
    #expect(answer.repetitionPenalty == 1.2)
    #expect(answer.ignoresEnd)
    #expect(answer.minTokens == 2)
    #expect(answer.stopIDs == [9])
    #expect(answer.keepsSpecialTokens)
    #expect(!answer.allowsParallelToolCalls)
    #expect(answer.logProbabilities == 4)
    #expect(answer.format == .jsonSchema(name: "x", schema: #"{"type":"object","b":1,"a":2}"#))
    #expect(chat.options.tokenIDs)
    #expect(chat.options.isStreamed)
    #expect(chat.options.includesUsage)
    guard case .conversation(_, _, let variables) = answer.prompt else { return }
    #expect(
      variables
        == JSONObject([("custom", 1), ("reasoning_effort", "none"), ("enable_thinking", false)]))
  }

  @Test func `null is not given, and zero as top_p is greedy`() throws {
    let chat = try Self.read(#""temperature": null, "stop": null, "tools": null, "top_p": 0, "stop": "x""#)
    #expect(chat.answer.temperature == 1)
    #expect(chat.answer.topK == 1)
    #expect(chat.answer.topP == 1)
    #expect(chat.answer.stop == ["x"])
    #expect(chat.answer.maxTokens == nil)
    #expect(chat.answer.logProbabilities == nil)
  }

  @Test func `thoughts come back under either name`() throws {
    let text =
      #"{"model": "m", "messages": [{"role": "assistant", "content": "a", "reasoning_content": "x"}, "#
      + #"{"role": "assistant", "content": "b", "reasoning": "y"}, {"role": "user", "content": "c"}]}"#
    let chat = try ChatRequest(try #require(try JSONValue(parsing: text).object), model: "path")
    #expect(chat.model == "m" || chat.model == "path")
    guard case .conversation(let messages, _, _) = chat.answer.prompt else { return }
    #expect(messages.map(\.reasoning) == ["x", "y", nil])
  }

  private static let tools =
    #""tools": [{"type": "function", "function": {"name": "f"}}, "#
    + #"{"type": "function", "function": {"name": "g"}}]"#

  @Test(arguments: [
    (
      #"{"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "g"}}]}}"#,
      AnswerRequest.ToolChoice.auto
    ),
    (
      #"{"type": "allowed_tools", "mode": "required", "tools": [{"type": "function", "name": "g"}]}"#,
      .required
    ),
  ])
  func `tools that are not allowed are not told to the model`(
    _ choice: String, _ expected: AnswerRequest.ToolChoice
  ) throws {
    let answer = try Self.read(Self.tools + #", "tool_choice": "# + choice).answer
    #expect(answer.toolChoice == expected)
    guard case .conversation(_, let tools, _) = answer.prompt else { return }
    #expect(tools.map { $0["function"]?["name"]?.string } == ["g"])
  }

  @Test func `a schema that is left out is any object, and a refusal is text`() throws {
    let format = #""response_format": {"type": "json_schema", "json_schema": {"name": "x"}}"#
    #expect(try Self.read(format).answer.format == .jsonObject)
    let messages =
      #"{"model": "m", "messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "#
      + #"[{"type": "refusal", "refusal": "No."}]}, {"role": "user", "content": "Please"}]}"#
    let chat = try ChatRequest(try #require(try JSONValue(parsing: messages).object), model: nil)
    guard case .conversation(let read, _, _) = chat.answer.prompt else { return }
    #expect(read.map(\.text) == ["Hi", "No.", "Please"])
  }

  @Test(arguments: [
    ("bias", "logit_bias"), ("stopIDs", "stop_token_ids"), ("prompt", "input"), ("constraint", "text.format"),
    ("tool_choice", "tool_choice"),
  ])
  func `a worker's field is told in the words of the API`(_ field: String, _ param: String) {
    let error = InferenceError(.invalid(param: field), "wrong")
    #expect(error.failure(prompt: "input", constraint: "text.format").param == param)
  }

  @Test(arguments: [
    (#""temperature": -1"#, "temperature"), (#""temperature": true"#, "temperature"), (#""n": 129"#, "n"),
    (#""n": 1.5"#, "n"), (#""stop": 3"#, "stop"), (#""stop": ["a", 3]"#, "stop[1]"),
    (#""stop": ["a","a","a","a","a","a","a","a","a","a","a","a","a","a","a","a","a"]"#, "stop"),
    (#""logit_bias": {"x": 1}"#, "logit_bias"), (#""logit_bias": {"1": 101}"#, "logit_bias.1"),
    (#""top_logprobs": 21, "logprobs": true"#, "top_logprobs"), (#""top_logprobs": 1"#, "top_logprobs"),
    (#""logprobs": 5"#, "logprobs"), (#""max_tokens": 0"#, "max_tokens"), (#""stream": "yes""#, "stream"),
    (#""tools": [{"type": "web_search"}]"#, "tools[0].type"),
    (#""tools": [{"type": "function", "function": {}}]"#, "tools[0].function.name"),
    (
      #""tools": [{"type": "function", "function": {"name": "f", "parameters": 3}}]"#,
      "tools[0].function.parameters"
    ),
    (#""tool_choice": "some""#, "tool_choice"),
    (#""response_format": {"type": "xml"}"#, "response_format.type"),
    (#""response_format": {"type": "json_schema"}"#, "response_format.json_schema"),
    (
      #""response_format": {"type": "json_schema", "json_schema": {"name": "x", "schema": 1}}"#,
      "response_format.json_schema.schema"
    ),
    (#""tool_choice": {"type": "allowed_tools"}"#, "tool_choice.mode"),
    (
      #""tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "never", "tools": []}}"#,
      "tool_choice.allowed_tools.mode"
    ),
    (
      #""tool_choice": {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"name": "f"}]}}"#,
      "tool_choice.allowed_tools.tools[0]"
    ),
    (#""functions": []"#, "functions"), (#""modalities": ["text", "audio"]"#, "modalities"),
    (#""stop_token_ids": [-1]"#, "stop_token_ids[0]"), (#""messages": []"#, "messages"),
    (#""messages": [{"role": "wizard", "content": "x"}]"#, "messages[0].role"),
    (#""messages": [{"role": "user", "content": [{"type": "input_audio"}]}]"#, "messages[0].content[0]"),
    (#""model": 3"#, "model"),
  ])
  func `what is wrong is named`(_ members: String, _ param: String) throws {
    let failure = #expect(throws: APIFailure.self) { try Self.read(members) }
    #expect(failure?.kind == .invalid)
    #expect(failure?.param == param, "\(failure?.message ?? "")")
  }
}
