import Records

/// Tools for a model whose chat template knows none: what they are and how to call them goes into the system message,
/// calls and results of earlier turns into texts.
enum ToolInstructions {
  static func adapt(_ messages: [Message], tools: [JSONValue]) -> [Message] {
    var messages = messages.map(plain)
    guard !tools.isEmpty else { return messages }
    let text = instructions(tools)
    if let first = messages.first, first.role == .system {
      messages[0] = Message(.system, first.text + "\n\n" + text)
    } else {
      messages.insert(Message(.system, text), at: 0)
    }
    return messages
  }

  private static func instructions(_ tools: [JSONValue]) -> String {
    """
    You can call functions. These are their signatures, one JSON object a line:
    \(tools.map { $0.serialised() }.joined(separator: "\n"))
    To call a function, answer with its name and its arguments as JSON between tags, and nothing else:
    <tool_call>
    {"name": "the function's name", "arguments": {"an argument": "its value"}}
    </tool_call>
    """
  }

  private static func plain(_ message: Message) -> Message {
    if message.role == .tool { return Message(.user, "<tool_response>\n\(message.text)\n</tool_response>") }
    guard !message.toolCalls.isEmpty else { return message }
    let calls = message.toolCalls.map { call in
      let arguments = (try? JSONValue(parsing: call.arguments)) ?? .string(call.arguments)
      let object: JSONValue = ["name": .string(call.name), "arguments": arguments]
      return "<tool_call>\n\(object.serialised())\n</tool_call>"
    }
    return Message(.assistant, ([message.text].filter { !$0.isEmpty } + calls).joined(separator: "\n"))
  }
}
