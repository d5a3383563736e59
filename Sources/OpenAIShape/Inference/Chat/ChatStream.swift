import Inference
import Records

/// Writes the events of an answer as chunks of a chat completion.
struct ChatStream {
  /// Everything of a chunk up to its choices.
  private let head: String
  private let options: WireOptions
  private let promptIDs: [Int32]
  private var isFirst = true

  init(id: String, created: Int, model: String, _ options: WireOptions, prompt: PromptReport) {
    let name = JSONValue.string(model).serialised()
    head =
      "{\"id\":\"\(id)\",\"object\":\"chat.completion.chunk\",\"created\":\(created),\"model\":\(name)"
    self.options = options
    promptIDs = prompt.tokens
  }

  /// The chunks that say who speaks.
  mutating func opening(choices: Int) -> [String] {
    (0..<choices).map { chunk($0, ["role": "assistant", "content": ""]) }
  }

  /// The chunk of an event; nil for one that has nothing to tell.
  mutating func chunk(_ event: AnswerEvent) -> String? {
    switch event {
    case .prompt: return nil
    case .reasoning(let choice, let text):
      return chunk(choice, ["reasoning_content": .string(text), "reasoning": .string(text)])
    case .text(let choice, let text, let tokens):
      let tellsTokens = (options.logProbabilities || options.tokenIDs) && !tokens.isEmpty
      guard !text.isEmpty || tellsTokens else { return nil }
      return chunk(choice, ["content": .string(text)], tokens: tokens)
    case .toolCallBegan(let choice, let index, let id, let name):
      return call(
        choice, index,
        ["id": .string(id), "type": "function", "function": ["name": .string(name), "arguments": ""]])
    case .toolCallArguments(let choice, let index, let text):
      return call(choice, index, ["function": ["arguments": .string(text)]])
    case .ended(let choice, let reason, _): return chunk(choice, [:], finish: reason)
    }
  }

  /// The chunk of what it all took.
  func usage(_ figures: UsageFigures) -> String {
    head + ",\"choices\":[],\"usage\":\(figures.completionsJSON.serialised())}"
  }

  private mutating func call(_ choice: Int, _ index: Int, _ members: JSONValue) -> String {
    var call = JSONObject([("index", .integer(index))])
    for (key, value) in members.object?.members ?? [] { call[key] = value }
    return chunk(choice, ["tool_calls": .array([.object(call)])])
  }

  private mutating func chunk(
    _ index: Int, _ delta: JSONValue, tokens: [AnswerToken] = [], finish: FinishReason? = nil
  ) -> String {
    var choice = JSONObject([("index", .integer(index)), ("delta", delta)])
    choice["logprobs"] =
      options.logProbabilities && !tokens.isEmpty ? LogProbabilityWire.chat(tokens, options) : .null
    choice["finish_reason"] = finish.map { .string($0.wire) } ?? .null
    if options.tokenIDs, !tokens.isEmpty {
      choice["token_ids"] = .array(tokens.map { .integer(Int($0.id)) })
    }
    var text = head
    if isFirst, options.tokenIDs {
      text += ",\"prompt_token_ids\":\(JSONValue.array(promptIDs.map { .integer(Int($0)) }).serialised())"
    }
    isFirst = false
    text += ",\"choices\":[\(JSONValue.object(choice).serialised())]"
    if options.includesUsage { text += ",\"usage\":null" }
    return text + "}"
  }
}
