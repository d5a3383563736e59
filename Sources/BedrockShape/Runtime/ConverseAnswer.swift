internal import Inference
internal import Records

/// An answer in Converse's words, and, but for what few members differ, in Nova's.
struct ConverseAnswer {
  let assembly: AnswerAssembly
  let body: ConverseBody
  let milliseconds: Int

  /// Arguments that are no JSON object are a failure of the model, and said to be one.
  private var hasMalformedCall: Bool {
    assembly.blocks.contains { block in
      if case .toolUse(_, _, let arguments) = block { return Self.input(arguments) == nil }
      return false
    }
  }

  /// nil for an answer that was broken off. A call that the limit has cut is not the model's mistake.
  var stopReason: String? {
    guard let finish = assembly.finish else { return nil }
    if hasMalformedCall && finish != .length { return "malformed_tool_use" }
    return switch finish {
    case .stop: "end_turn"
    case .stopString: "stop_sequence"
    case .length: body.request.maxTokens == nil ? "model_context_window_exceeded" : "max_tokens"
    case .toolCalls: "tool_use"
    }
  }

  /// Of the prompt's tokens, those that were read from the cache are told apart only where the request marks what is to
  /// be cached; they are counted by themselves then, as Bedrock does.
  var usage: JSONValue {
    let (prompt, cached) = (assembly.prompt.tokens.count, assembly.prompt.cached)
    let output = assembly.report.completionTokens
    var usage = JSONObject()
    usage["inputTokens"] = .integer(body.marksCache ? prompt - cached : prompt)
    usage["outputTokens"] = .integer(output)
    usage["totalTokens"] = .integer(prompt + output)
    if body.marksCache {
      usage["cacheReadInputTokens"] = .integer(cached)
      usage["cacheWriteInputTokens"] = .integer(0)
    }
    return .object(usage)
  }

  var metrics: JSONValue { ["latencyMs": .integer(milliseconds)] }

  var message: JSONValue {
    [
      "role": "assistant",
      "content": .array(
        assembly.blocks.map { block in
          switch block {
          case .text(let text): ["text": .string(text)]
          case .reasoning(let text): ["reasoningContent": ["reasoningText": ["text": .string(text)]]]
          case .toolUse(let id, let name, let arguments):
            [
              "toolUse": [
                "toolUseId": .string(id), "name": .string(name), "input": Self.input(arguments) ?? [:],
              ]
            ]
          }
        }),
    ]
  }

  private static func input(_ arguments: String) -> JSONValue? {
    if arguments.isEmpty { return [:] }
    guard let value = try? JSONValue(parsing: arguments), value.object != nil else { return nil }
    return value
  }

  /// The text that ended the answer is all that there is beside it.
  var additionalFields: JSONValue? {
    guard body.responseFields.contains("/stop_sequence"), case .stopString(let text) = assembly.finish else {
      return nil
    }
    return ["stop_sequence": .string(text)]
  }

  var json: JSONValue {
    var answer = JSONObject()
    answer["output"] = ["message": message]
    if let stopReason { answer["stopReason"] = .string(stopReason) }
    answer["usage"] = usage
    answer["metrics"] = metrics
    if let fields = additionalFields { answer["additionalModelResponseFields"] = fields }
    for (key, value) in body.repeated.members { answer[key] = value }
    return .object(answer)
  }

  /// Nova's answer to InvokeModel.
  var nova: JSONValue {
    var answer = JSONObject()
    answer["output"] = ["message": message]
    if let stopReason { answer["stopReason"] = .string(stopReason) }
    answer["usage"] = usage
    return .object(answer)
  }
}
