import Records

/// Reads one line of a JSONL file. All problems of the line are reported.
struct RowReader {
  let file: String
  let line: Int
  private(set) var problems: [Diagnostic] = []
  /// Whether the row came with an `id` of its own.
  private(set) var hasOwnID = false

  init(file: String, line: Int) {
    self.file = file
    self.line = line
  }

  private mutating func problem(_ path: String, _ message: String) {
    problems.append(Diagnostic(.error, file: file, line: line, path: path, message: message))
  }

  /// The Example, or nil when problems were found.
  mutating func read(_ bytes: [UInt8]) -> Example? {
    let value: JSONValue
    do throws(JSONSyntaxError) {
      value = try JSONValue(parsing: bytes)
    } catch {
      problem("", "the row is not JSON: \(error.message), at column \(error.column)")
      return nil
    }
    guard let row = value.object else {
      problem("", "expected an object with 'messages', found \(value.kind)")
      return nil
    }
    let messages = self.messages(row)
    let tools = self.tools(row["tools"])
    let id = self.id(row["id"])
    guard problems.isEmpty else { return nil }
    var item = row
    item["messages"] = nil
    item["tools"] = nil
    hasOwnID = id != nil
    return Example(
      id: id ?? Example.derivedID(messages: messages, tools: tools, item: item), messages: messages,
      tools: tools, item: item)
  }

  private mutating func messages(_ row: JSONObject) -> [Message] {
    guard let list = row["messages"]?.array else {
      problem("messages", Self.missingMessages(row))
      return []
    }
    if list.isEmpty {
      problem("messages", "is an empty list; expected messages that end in a user turn")
      return []
    }
    var messages: [Message] = []
    for (index, element) in list.enumerated() {
      do throws(ShapeError) {
        messages.append(try Message(json: element, path: "messages[\(index)]"))
      } catch {
        problem(error.path, error.message)
      }
    }
    // Told from the JSON, so that a last message with a second fault has both reported.
    if let role = list.last?["role"]?.string, Role(rawValue: role) != nil, role != Role.user.rawValue {
      let advice =
        role == Role.assistant.rawValue
        ? "put the known answer into a column of its own, which graders read as item.<column>"
        : "the policy answers a user's turn"
      problem(
        "messages[\(list.count - 1)].role",
        "the last message is of role '\(role)', expected 'user'; \(advice)")
    }
    return messages
  }

  private static func missingMessages(_ row: JSONObject) -> String {
    if let found = row["messages"] { return "expected a list of messages, found \(found.kind)" }
    if row["input"]?["messages"] != nil {
      return "missing; this is a row of preferences (DPO). Rows for reinforcement have 'messages' at the top"
    }
    if let column = ["prompt", "question", "instruction", "input"].first(where: { row[$0]?.string != nil }) {
      return "missing; write the '\(column)' column as \"messages\": [{\"role\": \"user\", \"content\": ...}]"
    }
    return "missing; expected a list of messages that ends in a user turn"
  }

  private mutating func tools(_ value: JSONValue?) -> [JSONValue] {
    guard let value, value != .null else { return [] }
    guard let tools = value.array else {
      problem("tools", "expected a list of function definitions, found \(value.kind)")
      return []
    }
    for (index, tool) in tools.enumerated() where tool["function"]?["name"]?.string == nil {
      problem(
        "tools[\(index)]",
        "expected {\"type\": \"function\", \"function\": {\"name\": ...}}, found \(tool.kind)"
          + (tool.object == nil ? "" : " without function.name"))
    }
    return tools
  }

  private mutating func id(_ value: JSONValue?) -> String? {
    switch value {
    case nil, .null: return nil
    case .string(let text) where !text.isEmpty: return text
    case .integer(let number): return String(number)
    case .some(let other):
      problem("id", "expected text or a whole number, found \(other == "" ? "empty text" : other.kind)")
      return nil
    }
  }
}
