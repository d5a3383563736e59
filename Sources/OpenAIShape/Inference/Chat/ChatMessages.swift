import Records

/// Reads the messages of a conversation.
enum ChatMessages {
  static func read(_ reader: FieldReader) -> [Message] {
    guard let list = reader.array("messages", "a list of messages") else {
      if reader.value("messages") == nil {
        reader.error("messages", "is missing; expected a list of messages")
      }
      return []
    }
    if list.isEmpty { reader.error("messages", "is empty; expected at least one message") }
    var messages: [Message] = []
    for (place, json) in list.enumerated() {
      do throws(ShapeError) {
        messages.append(try Message(json: json, path: ""))
      } catch {
        reader.error("messages[\(place)]" + error.path, error.message)
      }
    }
    return messages
  }
}
