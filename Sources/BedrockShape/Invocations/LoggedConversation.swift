internal import Inference
internal import Records

/// The conversation of a logged request body: Converse's, Nova's, Anthropic's or that of OpenAI's chat completions.
///
/// Messages, system and tools are read and nothing else: what a request asked of Bedrock besides them, which may be
/// more than is known here, has no place in a row.
struct LoggedConversation: Sendable, Hashable {
  var messages: [Message]
  var tools: [JSONValue]

  init(_ body: JSONValue) throws(PassedOver) {
    guard let object = body.object, let turns = object["messages"]?.array, let last = turns.last else {
      throw PassedOver(.noConversation)
    }
    guard last["role"]?.string != "assistant" else { throw PassedOver(.ownWords) }
    let problems = WireProblems()
    let request: AnswerRequest
    if let converse = Self.converse(object) {
      request = ConverseBody(WireReader(converse, problems: problems)).request
    } else {
      let kept = JSONObject(
        object.members.filter { ["messages", "tools"].contains($0.key) }.map { ($0.key, $0.value) })
      request = ChatBody(WireReader(kept, problems: problems)).request
    }
    if let problem = problems.sentences.first { throw PassedOver(.unreadable, problem) }
    guard case .conversation(let messages, let tools, _) = request.prompt, !messages.isEmpty else {
      throw PassedOver(.noConversation)
    }
    self.messages = messages
    self.tools = tools
  }

  /// The text of a logged answer: a whole body, or the pieces of a stream.
  static func answer(_ body: JSONValue) -> String? {
    if let pieces = body.array { return pieces.compactMap(piece).joined() }
    if let blocks = body["output"]?["message"]?["content"]?.array ?? body["content"]?.array {
      return blocks.compactMap { $0["text"]?.string }.joined()
    }
    return body["choices"]?.array?.first?["message"]?["content"]?.string
  }

  private static func piece(_ event: JSONValue) -> String? {
    event["contentBlockDelta"]?["delta"]?["text"]?.string ?? event["delta"]?["text"]?.string
      ?? event["choices"]?.array?.first?["delta"]?["content"]?.string
  }
}
