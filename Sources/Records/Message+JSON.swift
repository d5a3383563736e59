/// A value that is not the shape of the format it should be in: where, and what was expected.
public struct ShapeError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The place inside the value, for example `messages[2].role`.
  public let path: String
  /// What was given and what was expected.
  public let message: String
  /// Place and message in one line.
  public var description: String { path.isEmpty ? message : "\(path): \(message)" }

  /// A problem at a place inside the value.
  public init(path: String, message: String) {
    self.path = path
    self.message = message
  }
}

extension Message {
  /// Reads a chat-completions message; `path` is named in errors.
  public init(json: JSONValue, path: String = "") throws(ShapeError) {
    guard let object = json.object else {
      throw ShapeError(path: path, message: "expected a message object, found \(json.kind)")
    }
    guard let roleName = object["role"]?.string else {
      throw ShapeError(
        path: path + ".role", message: "expected a role, found \(object["role"]?.kind ?? "none")")
    }
    guard let role = Role(rawValue: roleName) else {
      let names = Role.allCases.map(\.rawValue).joined(separator: ", ")
      throw ShapeError(path: path + ".role", message: "'\(roleName)' is not a role; expected one of \(names)")
    }
    self.init(role: role, content: try Self.content(object["content"], path: path + ".content"))
    name = object["name"]?.string
    toolCallID = object["tool_call_id"]?.string
    // One word of DeepSeek's, Qwen's and SGLang's, and one of vLLM's and OpenRouter's.
    if role == .assistant { reasoning = object["reasoning_content"]?.string ?? object["reasoning"]?.string }
    for (index, call) in (object["tool_calls"]?.array ?? []).enumerated() {
      toolCalls.append(try ToolCall(json: call, path: "\(path).tool_calls[\(index)]"))
    }
    if content.isEmpty, toolCalls.isEmpty, role != .assistant {
      throw ShapeError(path: path + ".content", message: "expected text, found none")
    }
  }

  private static func content(_ json: JSONValue?, path: String) throws(ShapeError) -> [ContentPart] {
    switch json {
    case nil, .null: return []
    case .string(let text): return [.text(text)]
    case .array(let parts):
      var content: [ContentPart] = []
      for (index, part) in parts.enumerated() {
        let type = part["type"]?.string ?? "none"
        // A model that refuses says it in words all the same.
        let key = type == "refusal" ? "refusal" : "text"
        guard ["text", "input_text", "output_text", "refusal"].contains(type), let text = part[key]?.string
        else {
          throw ShapeError(
            path: "\(path)[\(index)]",
            message:
              "a content part of type '\(type)' is not supported; expected {\"type\": \"text\", \"text\": ...}"
          )
        }
        content.append(.text(text))
      }
      return content
    case .some(let other):
      throw ShapeError(path: path, message: "expected text or a list of parts, found \(other.kind)")
    }
  }

  /// The chat-completions form: one text as a string, several parts as a list.
  public var json: JSONValue {
    var object = JSONObject([("role", .string(role.rawValue))])
    switch content.count {
    case 0: object["content"] = toolCalls.isEmpty ? "" : .null
    case 1: object["content"] = .string(text)
    default:
      object["content"] = .array(
        content.map { part in
          switch part {
          case .text(let text): ["type": "text", "text": .string(text)]
          }
        })
    }
    if let name { object["name"] = .string(name) }
    if let toolCallID { object["tool_call_id"] = .string(toolCallID) }
    if let reasoning { object["reasoning_content"] = .string(reasoning) }
    if !toolCalls.isEmpty { object["tool_calls"] = .array(toolCalls.map(\.json)) }
    return .object(object)
  }
}

extension ToolCall {
  /// Reads a chat-completions tool call; arguments may be JSON text or an object.
  public init(json: JSONValue, path: String = "") throws(ShapeError) {
    let function = json["function"] ?? json
    guard let name = function["name"]?.string else {
      throw ShapeError(path: path, message: "expected a tool call with function.name")
    }
    let arguments = function["arguments"].map { $0.string ?? $0.serialised() } ?? "{}"
    self.init(id: json["id"]?.string ?? "", name: name, arguments: arguments)
  }

  /// The chat-completions form.
  public var json: JSONValue {
    [
      "id": .string(id), "type": "function",
      "function": ["name": .string(name), "arguments": .string(arguments)],
    ]
  }
}

extension Message: Codable {
  /// Reads the chat-completions form.
  public init(from decoder: any Decoder) throws { try self.init(json: JSONValue(from: decoder)) }
  /// Writes the chat-completions form.
  public func encode(to encoder: any Encoder) throws { try json.encode(to: encoder) }
}
