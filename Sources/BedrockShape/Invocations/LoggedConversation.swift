internal import Inference
internal import Records

/// The conversation of a logged request body: Converse's, Nova's or that of OpenAI's chat completions.
struct LoggedConversation: Sendable, Hashable {
  var messages: [Message]
  var tools: [JSONValue]

  /// nil for other bodies, and for conversations that end with the model's own words.
  init?(_ body: JSONValue) {
    guard let object = body.object else { return nil }
    let problems = WireProblems()
    let request: AnswerRequest
    if InvokeBody.isConverseLike(object) {
      request = ConverseBody(WireReader(object, problems: problems), isNova: true).request
    } else if object["messages"] != nil {
      request = ChatBody(WireReader(object, problems: problems)).request
    } else {
      return nil
    }
    guard problems.sentences.isEmpty, case .conversation(let messages, let tools, _) = request.prompt,
      let last = messages.last, last.role != .assistant
    else { return nil }
    self.messages = messages
    self.tools = tools
  }

  /// The text of a logged answer: a whole body, or the pieces of a stream.
  static func answer(_ body: JSONValue) -> String? {
    if let pieces = body.array { return pieces.compactMap(piece).joined() }
    if let blocks = body["output"]?["message"]?["content"]?.array {
      return blocks.compactMap { $0["text"]?.string }.joined()
    }
    return body["choices"]?.array?.first?["message"]?["content"]?.string
  }

  private static func piece(_ event: JSONValue) -> String? {
    event["contentBlockDelta"]?["delta"]?["text"]?.string
      ?? event["choices"]?.array?.first?["delta"]?["content"]?.string
  }
}
