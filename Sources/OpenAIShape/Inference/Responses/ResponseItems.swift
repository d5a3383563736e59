import Records
import Store

/// Reads the input of a response: a text, or items.
enum ResponseItems {
  static func read(_ reader: FieldReader) -> [Message] {
    switch reader.value("input") {
    case nil:
      reader.error("input", "is missing; expected text or a list of items")
      return []
    case .string(let text): return [Message(.user, text)]
    case .array(let items):
      var messages: [Message] = []
      var reasoning: String?
      for (place, item) in items.enumerated() {
        append(item, "input[\(place)]", reader, to: &messages, &reasoning)
      }
      return messages
    case .some(let other):
      reader.error("input", "expected text or a list of items, got \(other.kind)")
      return []
    }
  }

  /// The input as a list of items, as `GET /responses/{id}/input_items` tells it.
  static func items(_ reader: FieldReader) -> [JSONValue] {
    let list: [JSONValue]
    switch reader.value("input") {
    case .string(let text): list = [["role": "user", "content": .string(text)]]
    case .array(let items): list = items
    default: list = []
    }
    return list.compactMap(\.object).map { sent in
      var item = sent
      let type = sent["type"]?.string ?? "message"
      item["type"] = .string(type)
      if sent["id"]?.string == nil {
        item["id"] = .string(Identifier.new(type == "message" ? "msg_" : "item_"))
      }
      if sent["status"]?.string == nil { item["status"] = "completed" }
      if type == "message", let text = sent["content"]?.string {
        let part = sent["role"] == "assistant" ? "output_text" : "input_text"
        item["content"] = [["type": .string(part), "text": .string(text)]]
      }
      return .object(item)
    }
  }

  private static func append(
    _ item: JSONValue, _ path: String, _ reader: FieldReader, to messages: inout [Message],
    _ reasoning: inout String?
  ) {
    switch item["type"]?.string ?? "message" {
    case "message":
      do throws(ShapeError) {
        var message = try Message(json: item, path: "")
        if message.role == .assistant {
          message.reasoning = message.reasoning ?? reasoning
          reasoning = nil
        }
        messages.append(message)
      } catch { reader.error(path + error.path, error.message) }
    case "function_call":
      guard let name = item["name"]?.string else {
        return reader.error("\(path).name", "expected text, got \(item["name"]?.kind ?? "none")")
      }
      let call = ToolCall(
        id: item["call_id"]?.string ?? "", name: name, arguments: item["arguments"]?.string ?? "{}")
      // Calls beside each other, and what was said before them, are one message.
      if let last = messages.last, last.role == .assistant {
        messages[messages.count - 1].toolCalls.append(call)
      } else {
        var message = Message(role: .assistant, content: [], toolCalls: [call])
        message.reasoning = reasoning
        messages.append(message)
      }
      reasoning = nil
    case "function_call_output":
      guard let output = text(of: item["output"]) else {
        return reader.error(
          "\(path).output", "expected text or a list of texts, got \(item["output"]?.kind ?? "none")")
      }
      messages.append(
        Message(role: .tool, content: [.text(output)], toolCallID: item["call_id"]?.string))
    case "reasoning": reasoning = text(of: item["content"])
    case let type:
      reader.error(
        "\(path).type",
        "'\(type.prefix(40))' is not served here; expected message, function_call, function_call_output or "
          + "reasoning")
    }
  }

  private static func text(of value: JSONValue?) -> String? {
    switch value {
    case .string(let text): text
    case .array(let parts):
      parts.reduce(into: Optional("")) { text, part in
        text = part["text"]?.string.flatMap { more in text.map { $0 + more } }
      }
    default: nil
    }
  }
}
