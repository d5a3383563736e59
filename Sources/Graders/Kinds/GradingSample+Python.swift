package import Records

extension GradingSample {
  /// The `sample` of OpenAI's Python graders: `output_text`, `output_json`, `output_tools`, `output_audio`, `choices`.
  ///
  /// All keys are always there; `output_json` is None when the answer is not JSON, so that a grader can ask.
  package var pythonSample: JSONValue {
    let calls = JSONValue.array(toolCalls.map(\.json))
    var message = JSONObject([
      ("role", "assistant"), ("content", .string(outputText)), ("refusal", .null),
    ])
    if !toolCalls.isEmpty { message["tool_calls"] = calls }
    let reason: JSONValue = isTruncated ? "length" : toolCalls.isEmpty ? "stop" : "tool_calls"
    return [
      "output_text": .string(outputText),
      "output_json": outputJSON ?? .null,
      "output_tools": calls,
      "output_audio": .null,
      "choices": [["index": 0, "message": .object(message), "finish_reason": reason]],
    ]
  }

  /// The `item`: the row's columns, and `messages` where the row has no column of that name.
  package var pythonItem: JSONValue {
    var row = item
    if row["messages"] == nil, !messages.isEmpty { row["messages"] = .array(messages.map(\.json)) }
    return .object(row)
  }
}
