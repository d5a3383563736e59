/// One dataset row: messages that end in a user turn, optional tools, and every other column as `item.*`.
public struct Example: Sendable, Hashable, Codable {
  /// Stable across runs: the row's `id` column when it has one, else a hash of its messages and item.
  public var id: String
  /// The conversation to answer; the last message is the user's.
  public var messages: [Message]
  /// Function definitions as they were written (chat-completions form), for the chat template.
  public var tools: [JSONValue]
  /// All other columns of the row; graders read them as `item.<column>`.
  public var item: JSONObject

  /// A row; readers see to it that the last message is the user's.
  public init(id: String, messages: [Message], tools: [JSONValue] = [], item: JSONObject = JSONObject()) {
    self.id = id
    self.messages = messages
    self.tools = tools
    self.item = item
  }
}

extension JSONObject: Codable {
  /// Reads through Foundation's coders, which lose the order of keys; anything but an object is empty.
  public init(from decoder: any Decoder) throws {
    self = try JSONValue(from: decoder).object ?? JSONObject()
  }
  /// Writes through Foundation's coders, which lose the order of keys.
  public func encode(to encoder: any Encoder) throws { try JSONValue.object(self).encode(to: encoder) }
}
