package import Records

extension Example {
  /// The row of a JSONL file that reads back as this Example: `id`, `messages`, `tools` if any, then the columns.
  package var row: JSONValue {
    var object = JSONObject([("id", .string(id)), ("messages", .array(messages.map(\.json)))])
    if !tools.isEmpty { object["tools"] = .array(tools) }
    for (key, value) in item.members where key != "id" { object[key] = value }
    return .object(object)
  }

  /// A hash of what the policy is asked: role and text of every message and its calls, whatever their layout. Equal
  /// prompts have equal hashes.
  package func promptHash(seed: UInt64 = 0) -> UInt64 {
    var hash = StableHash()
    hash.combine(seed)
    for message in messages {
      hash.combine(message.role.rawValue)
      hash.combine(message.text)
      for call in message.toolCalls {
        hash.combine(call.name)
        hash.combine(call.arguments)
      }
    }
    return hash.value
  }

  /// The id of a row that has none: a hash of its messages, tools and columns.
  static func derivedID(messages: [Message], tools: [JSONValue], item: JSONObject) -> String {
    var hash = StableHash()
    for message in messages { hash.combine(message.json.serialised()) }
    for tool in tools { hash.combine(tool.canonical.serialised()) }
    hash.combine(JSONValue.object(item).canonical.serialised())
    return hash.hex
  }
}

extension [Example] {
  /// A JSONL file's text, one row a line.
  package var jsonl: String {
    var text = ""
    for example in self { text += example.row.serialised() + "\n" }
    return text
  }
}
