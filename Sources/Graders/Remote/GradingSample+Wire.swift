import Records

// How a sample travels to graders outside: OpenAI's `sample` and `item`, and the row of a Lambda event.

extension GradingSample {
  /// The body of a call to an `endpoint` grader.
  ///
  /// - Parameter index: the sample's place in its group, so that two equal answers have traces of their own.
  func endpointRequest(index: Int) -> JSONValue {
    ["sample": openAISample, "item": .object(itemWithMessages), "trace_id": .string(traceID(index: index))]
  }

  /// OpenAI's `sample`: `output_text`, `output_tools`, `choices`, and `output_json` where the answer is JSON.
  private var openAISample: JSONValue {
    let calls = JSONValue.array(toolCalls.map(\.json))
    var message = JSONObject([("role", "assistant"), ("content", .string(outputText))])
    if !toolCalls.isEmpty { message["tool_calls"] = calls }
    let choice: JSONValue = [
      "index": 0, "finish_reason": isTruncated ? "length" : toolCalls.isEmpty ? "stop" : "tool_calls",
      "message": .object(message),
    ]
    var sample = JSONObject([
      ("output_text", .string(outputText)), ("output_tools", calls), ("choices", .array([choice])),
    ])
    if let outputJSON { sample["output_json"] = outputJSON }
    return .object(sample)
  }

  /// The row with `messages`, as OpenAI shows all top-level keys.
  private var itemWithMessages: JSONObject {
    var row = item
    if row["messages"] == nil, !messages.isEmpty { row["messages"] = .array(messages.map(\.json)) }
    return row
  }

  /// Names the sample in the logs of both sides; the same sample has the same trace, also when it is sent again.
  private func traceID(index: Int) -> String {
    var hash = StableHash()
    hash.combine(exampleID)
    hash.combine(UInt64(bitPattern: Int64(moment.step)))
    hash.combine(UInt64(index))
    hash.combine(outputText)
    return "trace_\(hash.hex)"
  }
}
