internal import Records

extension LoggedConversation {
  /// A body as Converse would have it, cut down to what a row needs; nil for one of chat completions.
  static func converse(_ object: JSONObject) -> JSONObject? {
    let tools = object["tools"]?.array ?? []
    let isAnthropic = object["anthropic_version"] != nil || tools.contains { $0["input_schema"] != nil }
    guard isAnthropic || InvokeBody.isConverseLike(object) else { return nil }
    var kept = JSONObject()
    let system = blocks(object["system"])
    if !system.isEmpty { kept["system"] = .array(system) }
    kept["messages"] = .array(
      (object["messages"]?.array ?? []).map { turn in
        var message = JSONObject()
        message["role"] = turn["role"] ?? .null
        message["content"] = .array(blocks(turn["content"]))
        return .object(message)
      })
    let specifications =
      (object["toolConfig"]?["tools"]?.array ?? []).compactMap { $0["toolSpec"] }
      + tools.compactMap(specification)
    if !specifications.isEmpty {
      kept["toolConfig"] = ["tools": .array(specifications.map { ["toolSpec": $0] })]
    }
    return kept
  }

  /// A text alone is one block.
  private static func blocks(_ content: JSONValue?) -> [JSONValue] {
    switch content {
    case .string(let text): text.isEmpty ? [] : [["text": .string(text)]]
    case .array(let blocks): blocks.compactMap(block)
    default: []
    }
  }

  /// nil for what marks a place or holds nothing that can be read. Blocks that are not known are left as they are, for
  /// the reader to complain about.
  private static func block(_ block: JSONValue) -> JSONValue? {
    if let type = block["type"]?.string { return anthropic(block, type) }
    if block["cachePoint"] != nil { return nil }
    if let text = block["guardContent"]?["text"]?["text"] { return ["text": text] }
    if let parts = block["citationsContent"]?["content"]?.array {
      return ["text": .string(parts.compactMap { $0["text"]?.string }.joined())]
    }
    if let call = block["toolUse"] { return ["toolUse": members(of: call, ["toolUseId", "name", "input"])] }
    if let result = block["toolResult"] {
      return ["toolResult": members(of: result, ["toolUseId", "content", "status"])]
    }
    return block
  }

  private static func anthropic(_ block: JSONValue, _ type: String) -> JSONValue? {
    switch type {
    case "text": return ["text": block["text"] ?? .null]
    case "thinking": return ["reasoningContent": ["reasoningText": ["text": block["thinking"] ?? .null]]]
    case "redacted_thinking": return nil
    case "tool_use":
      return [
        "toolUse": [
          "toolUseId": block["id"] ?? .null, "name": block["name"] ?? .null, "input": block["input"] ?? [:],
        ]
      ]
    case "tool_result":
      var result = JSONObject()
      result["toolUseId"] = block["tool_use_id"] ?? .null
      result["content"] = .array(blocks(block["content"]))
      if block["is_error"]?.bool == true { result["status"] = "error" }
      return ["toolResult": .object(result)]
    // By its kind, so that the complaint names it.
    default: return .object(JSONObject([(type, .object(JSONObject()))]))
    }
  }

  /// nil for a tool that Anthropic runs itself: it has no schema.
  private static func specification(_ tool: JSONValue) -> JSONValue? {
    guard let schema = tool["input_schema"] else { return nil }
    var specification = JSONObject()
    specification["name"] = tool["name"] ?? .null
    if let description = tool["description"] { specification["description"] = description }
    specification["inputSchema"] = ["json": schema]
    return .object(specification)
  }

  private static func members(of value: JSONValue, _ known: [String]) -> JSONValue {
    guard let object = value.object else { return value }
    return .object(JSONObject(known.compactMap { key in object[key].map { (key, $0) } }))
  }
}
