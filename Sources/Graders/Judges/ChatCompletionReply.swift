import Records

/// What a grader reads of a chat completion.
struct ChatCompletionReply: Sendable {
  /// Empty when the model wrote nothing.
  let text: String
  /// The words of a refusal, or of the filter that took the answer away.
  let refusal: String?
  /// Whether the token limit cut the answer off.
  let isTruncated: Bool
  /// The model that the server says it used.
  let model: String
  let tokens: JudgeTokens

  /// - Throws: `malformed`, also for half a body.
  init(_ body: [UInt8], askedFor model: String) throws(HTTPFailure) {
    let json = try JSONValue(reply: body)
    guard let choice = json["choices"]?.array?.first, let message = choice["message"]?.object else {
      throw .malformed("it has no choices[0].message, as a chat completion has")
    }
    text = Self.text(message["content"])
    let finish = choice["finish_reason"]?.string
    let refusal = message["refusal"]?.string
    self.refusal =
      finish == "content_filter" ? refusal ?? "a content filter took the answer away" : refusal
    isTruncated = finish == "length"
    self.model = json["model"]?.string.flatMap { $0.isEmpty ? nil : $0 } ?? model
    let usage = json["usage"]
    tokens = JudgeTokens(
      prompt: Self.count(usage?["prompt_tokens"]),
      cached: Self.count(usage?["prompt_tokens_details"]?["cached_tokens"]),
      completion: Self.count(usage?["completion_tokens"]))
  }

  /// A server's word for what it costs is bounded, so that sums over a run cannot overflow.
  private static func count(_ value: JSONValue?) -> Int {
    min(max(value?.integer ?? 0, 0), 1_000_000_000)
  }

  private static func text(_ content: JSONValue?) -> String {
    if let text = content?.string { return text }
    return (content?.array ?? []).compactMap { $0["text"]?.string }.joined()
  }
}

extension JSONValue {
  /// The body of an answer.
  init(reply body: [UInt8]) throws(HTTPFailure) {
    do throws(JSONSyntaxError) {
      try self.init(parsing: body)
    } catch {
      throw .malformed(body.isEmpty ? "it is empty" : "it is not JSON (\(error.description))")
    }
  }
}
