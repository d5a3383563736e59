internal import Records

/// Reads the messages of Converse. Text, reasoning, calls of tools and their results are what the models here know; the
/// cache needs no points to be marked.
struct ConverseMessages {
  let problems: WireProblems
  private(set) var marksCache = false

  init(problems: WireProblems) { self.problems = problems }

  private enum Status: String, CaseIterable { case success, error }
  private enum ConversationRole: String, CaseIterable { case user, assistant }

  mutating func conversation(_ reader: WireReader) -> [Message] {
    var messages: [Message] = []
    var system: [String] = []
    for (path, value) in reader.list("system", count: 0...10_000) ?? [] {
      guard let block = WireReader.inside(value, at: path, problems) else { continue }
      if block.has("cachePoint") {
        marksCache = true
      } else if let text = text(of: block) {
        system.append(text)
      } else {
        problems.add(nil, at: path, "only text is read here")
      }
    }
    if !system.isEmpty { messages.append(Message(.system, system.joined(separator: "\n"))) }
    let turns = reader.list("messages", count: 1...100_000, required: true) ?? []
    for (index, turn) in turns.enumerated() {
      guard let message = WireReader.inside(turn.value, at: turn.path, problems) else { continue }
      message.rejectOthers(than: ["role", "content"])
      guard let role = message.choice("role", ConversationRole.self, required: true) else { continue }
      if index == 0 && role != .user {
        problems.add(role.rawValue, at: message.place("role"), "a conversation begins with the user")
      }
      if index == turns.count - 1 && role != .user {
        problems.add(
          role.rawValue, at: message.place("role"), "a conversation to be answered ends with the user")
      }
      messages += self.messages(of: message, role)
    }
    return messages
  }

  /// One turn may be several messages: each tool's result is one of its own.
  private mutating func messages(of turn: WireReader, _ role: ConversationRole) -> [Message] {
    var texts: [ContentPart] = []
    var calls: [ToolCall] = []
    var reasoning = ""
    var results: [Message] = []
    for (path, value) in turn.list("content", count: 1...10_000, required: true) ?? [] {
      guard let block = WireReader.inside(value, at: path, problems) else { continue }
      if let text = text(of: block) {
        texts.append(.text(text))
      } else if block.has("cachePoint") {
        marksCache = true
      } else if let thought = block.inside("reasoningContent"), role == .assistant {
        reasoning += thought.inside("reasoningText")?.string("text", .any) ?? ""
      } else if let call = block.inside("toolUse"), role == .assistant {
        if let call = toolCall(call) { calls.append(call) }
      } else if let result = block.inside("toolResult"), role == .user {
        if let result = toolResult(result) { results.append(result) }
      } else {
        let kind = block.object.keys.first ?? "nothing"
        problems.add(
          nil, at: path,
          "a block of '\(kind)' cannot be read in a message of the \(role.rawValue); the models here read text, "
            + "toolUse (assistant) and toolResult (user)")
      }
    }
    switch role {
    case .assistant:
      guard !texts.isEmpty || !calls.isEmpty else { return [] }
      var message = Message(role: .assistant, content: texts, toolCalls: calls)
      if !reasoning.isEmpty { message.reasoning = reasoning }
      return [message]
    case .user: return results + (texts.isEmpty ? [] : [Message(role: .user, content: texts)])
    }
  }

  private func text(of block: WireReader) -> String? {
    block.has("text") ? block.string("text", .any) ?? "" : nil
  }

  private func toolCall(_ reader: WireReader) -> ToolCall? {
    reader.rejectOthers(than: ["toolUseId", "name", "input", "type"])
    guard let id = reader.string("toolUseId", .toolUseID, required: true),
      let name = reader.string("name", .toolName, required: true),
      let input = reader.value("input", required: true)
    else { return nil }
    return ToolCall(id: id, name: name, arguments: input.serialised())
  }

  private func toolResult(_ reader: WireReader) -> Message? {
    reader.rejectOthers(than: ["toolUseId", "content", "status", "type"])
    let id = reader.string("toolUseId", .toolUseID, required: true)
    let status = reader.choice("status", Status.self)
    var parts: [String] = status == .error ? ["error:"] : []
    for (path, value) in reader.list("content", count: 0...10_000, required: true) ?? [] {
      if let text = value["text"]?.string {
        parts.append(text)
      } else if let json = value["json"] {
        parts.append(json.serialised())
      } else {
        problems.add(nil, at: path, "a tool's result must be text or json")
      }
    }
    guard let id else { return nil }
    return Message(
      role: .tool, content: [.text(parts.joined(separator: "\n"))], toolCallID: id)
  }
}
