internal import Inference
internal import Records

/// InvokeModel's body, which has the form of the model's maker: Nova's or that of OpenAI's chat completions. Either is
/// taken for every model, and answered in its own form.
enum InvokeBody {
  case nova(ConverseBody)
  case chat(ChatBody)

  /// Problems are left in the reader's collection.
  init(_ reader: WireReader) {
    if Self.isConverseLike(reader.object) {
      if let version = reader.value("schemaVersion"), version != "messages-v1" {
        reader.problems.add(version.string, at: "schemaVersion", "Member must be messages-v1")
      }
      self = .nova(ConverseBody(reader, isNova: true))
    } else {
      if !reader.has("messages") {
        reader.problems.add(
          "the body must be Nova's ({\"schemaVersion\": \"messages-v1\", \"messages\": [{\"role\": \"user\", "
            + "\"content\": [{\"text\": ...}]}]}) or that of chat completions ({\"messages\": [{\"role\": \"user\", "
            + "\"content\": ...}]})")
      }
      self = .chat(ChatBody(reader))
    }
  }

  var request: AnswerRequest {
    switch self {
    case .nova(let body): body.request
    case .chat(let body): body.request
    }
  }

  /// Nova's content is blocks that name their kind by their member; OpenAI's is text, or parts with a `type`.
  static func isConverseLike(_ object: JSONObject) -> Bool {
    if ["schemaVersion", "inferenceConfig", "toolConfig", "system"].contains(where: { object[$0] != nil }) {
      return true
    }
    let contents = (object["messages"]?.array ?? []).compactMap { $0["content"]?.array?.first?.object }
    return contents.contains { $0["type"] == nil }
  }
}
