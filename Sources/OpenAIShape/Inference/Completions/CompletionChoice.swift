import Inference
import Records

/// One choice of a completion, as it has been told so far.
struct CompletionChoice: Sendable, Hashable {
  var text = ""
  var tokens: [AnswerToken] = []
  var drawn: [Int32] = []
  var finish: FinishReason?

  /// Begins with the prompt where it is repeated.
  init(echoing prompt: PromptReport?, text: String?) {
    guard let prompt else { return }
    tokens = prompt.echoed
    self.text = text ?? String(decoding: prompt.echoed.flatMap(\.bytes), as: UTF8.self)
  }

  mutating func take(_ event: AnswerEvent) {
    switch event {
    case .text(_, let more, let tokens):
      text += more
      self.tokens += tokens
      drawn += tokens.map(\.id)
    case .ended(_, let reason, _): finish = reason
    case .prompt, .reasoning, .toolCallBegan, .toolCallArguments: break
    }
  }

  func json(_ index: Int, _ options: WireOptions, prompt: PromptReport) -> JSONValue {
    var choice = JSONObject([("index", .integer(index)), ("text", .string(text))])
    choice["logprobs"] =
      options.logProbabilities ? CompletionLogProbabilities.json(tokens, options) : .null
    choice["finish_reason"] = .string(finish?.wire ?? "stop")
    if options.tokenIDs {
      choice["token_ids"] = .array(drawn.map { .integer(Int($0)) })
      choice["prompt_token_ids"] = .array(prompt.tokens.map { .integer(Int($0)) })
    }
    return .object(choice)
  }
}

/// Log-probabilities as completions tell them: lists side by side.
enum CompletionLogProbabilities {
  /// `offset` counts the characters before the first token.
  static func json(_ tokens: [AnswerToken], _ options: WireOptions, offset: Int = 0) -> JSONValue {
    var offset = offset
    var offsets: [JSONValue] = []
    for token in tokens {
      offsets.append(.integer(offset))
      offset += characters(token)
    }
    return [
      "tokens": .array(tokens.map { LogProbabilityWire.text($0.id, $0.bytes, options) }),
      "token_logprobs": .array(tokens.map { $0.logProbability.map(LogProbabilityWire.number) ?? .null }),
      "top_logprobs": .array(tokens.map { top($0, options) }),
      "text_offset": .array(offsets),
    ]
  }

  /// Characters of the text that begin in a token.
  static func characters(_ token: AnswerToken) -> Int {
    token.isShown ? token.bytes.count { $0 & 0xC0 != 0x80 } : 0
  }

  /// The most likely tokens by their text, the one that stands there among them.
  private static func top(_ token: AnswerToken, _ options: WireOptions) -> JSONValue {
    guard let own = token.logProbability else { return .null }
    var top = JSONObject()
    for other in token.top {
      guard let text = LogProbabilityWire.text(other.id, other.bytes, options).string else { continue }
      // Bytes of a character may look alike; the likelier one is told.
      if top[text] == nil { top[text] = LogProbabilityWire.number(other.logProbability) }
    }
    if let text = LogProbabilityWire.text(token.id, token.bytes, options).string, top[text] == nil {
      top[text] = LogProbabilityWire.number(own)
    }
    return .object(top)
  }
}
