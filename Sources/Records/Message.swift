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
  /// Names the call in the tool's answer.
  public var id: String
  /// The function, or the speaker where the format names one.
  public var name: String
  /// JSON text, as the model wrote it.
  public var arguments: String

  /// A call of a function.
  public init(id: String, name: String, arguments: String) {
    self.id = id
    self.name = name
    self.arguments = arguments
  }
}

/// One message of a conversation, in the shape of OpenAI's chat completions.
public struct Message: Sendable, Hashable {
  /// Who speaks.
  public var role: Role
  /// What is said; empty where there are only tool calls.
  public var content: [ContentPart]
  /// Calls that an assistant message makes.
  public var toolCalls: [ToolCall]
  /// The call that a tool message answers.
  public var toolCallID: String?
  /// The function, or the speaker where the format names one.
  public var name: String?
  /// What an assistant thought before it spoke; templates of models that think show it where they want it.
  public var reasoning: String?

  /// A message of any parts.
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
