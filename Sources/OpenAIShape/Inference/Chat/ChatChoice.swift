import Inference
import Records

/// One choice of a chat completion, as it has been told so far.
struct ChatChoice: Sendable, Hashable {
  struct Call: Sendable, Hashable {
    var id: String
    var name: String
    var arguments = ""

    var json: JSONValue {
      [
        "id": .string(id), "type": "function",
        "function": ["name": .string(name), "arguments": .string(arguments)],
      ]
    }
  }

  var reasoning = ""
  var text = ""
  var calls: [Call] = []
  var tokens: [AnswerToken] = []
  var finish: FinishReason?

  mutating func take(_ event: AnswerEvent) {
    switch event {
    case .prompt: break
    case .reasoning(_, let more): reasoning += more
    case .text(_, let more, let tokens):
      text += more
      self.tokens += tokens
    case .toolCallBegan(_, _, let id, let name): calls.append(Call(id: id, name: name))
    case .toolCallArguments(_, let index, let more):
      if calls.indices.contains(index) { calls[index].arguments += more }
    case .ended(_, let reason, _): finish = reason
    }
  }

  func json(_ index: Int, _ options: WireOptions) -> JSONValue {
    var message = JSONObject([("role", "assistant")])
    message["content"] = text.isEmpty && !calls.isEmpty ? .null : .string(text)
    message["refusal"] = .null
    if !reasoning.isEmpty {
      message["reasoning_content"] = .string(reasoning)
      message["reasoning"] = .string(reasoning)
    }
    if !calls.isEmpty { message["tool_calls"] = .array(calls.map(\.json)) }
    var choice = JSONObject([("index", .integer(index)), ("message", .object(message))])
    choice["logprobs"] = options.logProbabilities ? LogProbabilityWire.chat(tokens, options) : .null
    choice["finish_reason"] = .string(finish?.wire ?? "stop")
    if options.tokenIDs { choice["token_ids"] = .array(tokens.map { .integer(Int($0.id)) }) }
    return .object(choice)
  }
}

extension FinishReason {
  var wire: String {
    switch self {
    case .stop, .stopString: "stop"
    case .length: "length"
    case .toolCalls: "tool_calls"
    }
  }
}
