/// Who speaks in a message.
public enum Role: String, Sendable, Hashable, Codable, CaseIterable {
  case system, developer, user, assistant, tool
}

/// One part of a message's content. Text only today; other kinds become further cases.
public enum ContentPart: Sendable, Hashable {
  case text(String)
}

/// A call that an assistant message makes: the function's name and its arguments as JSON text.
public struct ToolCall: Sendable, Hashable {
  public var id: String
  public var name: String
  public var arguments: String

  public init(id: String, name: String, arguments: String) {
    self.id = id
    self.name = name
    self.arguments = arguments
  }
}

/// One message of a conversation, in the shape of OpenAI's chat completions.
public struct Message: Sendable, Hashable {
  public var role: Role
  public var content: [ContentPart]
  public var toolCalls: [ToolCall]
  public var toolCallID: String?
  public var name: String?

  public init(
    role: Role, content: [ContentPart], toolCalls: [ToolCall] = [], toolCallID: String? = nil,
    name: String? = nil
  ) {
    self.role = role
    self.content = content
    self.toolCalls = toolCalls
    self.toolCallID = toolCallID
    self.name = name
  }

  /// A message of one text.
  public init(_ role: Role, _ text: String) { self.init(role: role, content: [.text(text)]) }

  /// The text of all parts, joined.
  public var text: String {
    content.map { part in
      switch part {
      case .text(let text): text
      }
    }.joined()
  }
}
