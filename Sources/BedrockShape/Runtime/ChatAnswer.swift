internal import Inference
internal import Records
internal import Store

/// An answer in the words of OpenAI's chat completions, for InvokeModel.
struct ChatAnswer {
  let id: String
  let model: String
  let created: UnixTime
  var assembly: AnswerAssembly

  /// nil for an answer that was broken off.
  var finishReason: String? {
    switch assembly.finish {
    case .stop, .stopString: "stop"
    case .length: "length"
    case .toolCalls: "tool_calls"
    case nil: nil
    }
  }

  var usage: JSONValue {
    let (prompt, output) = (assembly.prompt.tokens.count, assembly.report.completionTokens)
    return [
      "prompt_tokens": .integer(prompt), "completion_tokens": .integer(output),
      "total_tokens": .integer(prompt + output),
      "prompt_tokens_details": ["cached_tokens": .integer(assembly.prompt.cached)],
      "completion_tokens_details": ["reasoning_tokens": .integer(assembly.report.reasoningTokens)],
    ]
  }

  var json: JSONValue {
    var message = JSONObject([("role", "assistant")])
    let calls = toolCalls
    message["content"] = assembly.text.isEmpty && !calls.isEmpty ? .null : .string(assembly.text)
    if !assembly.reasoning.isEmpty { message["reasoning_content"] = .string(assembly.reasoning) }
    if !calls.isEmpty { message["tool_calls"] = .array(calls) }
    var choice = JSONObject([("index", 0), ("message", .object(message)), ("logprobs", .null)])
    choice["finish_reason"] = finishReason.map(JSONValue.string) ?? .null
    return envelope("chat.completion", [.object(choice)], usage: usage)
  }

  private var toolCalls: [JSONValue] {
    assembly.blocks.compactMap { block in
      guard case .toolUse(let id, let name, let arguments) = block else { return nil }
      return [
        "id": .string(id), "type": "function",
        "function": ["name": .string(name), "arguments": .string(arguments)],
      ]
    }
  }

  // MARK: Streams

  func start() -> JSONValue { chunk(["role": "assistant", "content": ""]) }

  func chunks(_ change: AnswerAssembly.Change) -> [JSONValue] {
    switch change {
    case .ended: return []
    case .text(_, let text): return [chunk(["content": .string(text)])]
    case .reasoning(_, let text): return [chunk(["reasoning_content": .string(text)])]
    case .arguments(let index, let text):
      return [
        chunk([
          "tool_calls": [["index": .integer(call(index)), "function": ["arguments": .string(text)]]]
        ])
      ]
    case .began(let index):
      guard case .toolUse(let id, let name, _) = assembly.blocks[index] else { return [] }
      return [
        chunk([
          "tool_calls": [
            [
              "index": .integer(call(index)), "id": .string(id), "type": "function",
              "function": ["name": .string(name), "arguments": ""],
            ]
          ]
        ])
      ]
    }
  }

  func end() -> JSONValue { chunk([:], finish: finishReason, usage: usage) }

  /// Calls are counted by themselves.
  private func call(_ block: Int) -> Int {
    assembly.blocks[..<block].count { if case .toolUse = $0 { true } else { false } }
  }

  private func chunk(_ delta: JSONValue, finish: String? = nil, usage: JSONValue? = nil) -> JSONValue {
    var choice = JSONObject([("index", 0), ("delta", delta)])
    choice["finish_reason"] = finish.map(JSONValue.string) ?? .null
    return envelope("chat.completion.chunk", [.object(choice)], usage: usage)
  }

  private func envelope(_ kind: String, _ choices: [JSONValue], usage: JSONValue?) -> JSONValue {
    var object = JSONObject()
    object["id"] = .string(id)
    object["object"] = .string(kind)
    object["created"] = .integer(created)
    object["model"] = .string(model)
    object["choices"] = .array(choices)
    if let usage { object["usage"] = usage }
    return .object(object)
  }
}
