import Inference
import Records

/// Writes the events of one prompt's answer as chunks of a completion.
struct CompletionStream {
  private let head: String
  private let options: WireOptions
  private let prompt: PromptReport
  /// The number of the prompt's first choice.
  private let first: Int
  /// Characters of each choice so far.
  private var offsets: [Int]
  /// Choices that have had no chunk yet.
  private var isNew: [Bool]

  init(head: String, _ options: WireOptions, prompt: PromptReport, first: Int, choices: Int) {
    self.head = head
    self.options = options
    self.prompt = prompt
    self.first = first
    offsets = Array(repeating: 0, count: choices)
    isNew = Array(repeating: true, count: choices)
  }

  static func head(id: String, created: Int, model: String) -> String {
    let name = JSONValue.string(model).serialised()
    return "{\"id\":\"\(id)\",\"object\":\"text_completion\",\"created\":\(created),\"model\":\(name)"
  }

  /// The chunks that repeat the prompt.
  mutating func opening(echoing text: String?) -> [String] {
    offsets.indices.map { choice in
      let text = text ?? String(decoding: prompt.echoed.flatMap(\.bytes), as: UTF8.self)
      return chunk(choice, text, prompt.echoed, nil)
    }
  }

  mutating func chunk(_ event: AnswerEvent) -> String? {
    switch event {
    case .text(let choice, let text, let tokens):
      let tellsTokens = (options.logProbabilities || options.tokenIDs) && !tokens.isEmpty
      return text.isEmpty && !tellsTokens ? nil : chunk(choice, text, tokens, nil)
    case .ended(let choice, let reason, _): return chunk(choice, "", [], reason)
    case .prompt, .reasoning, .toolCallBegan, .toolCallArguments: return nil
    }
  }

  private mutating func chunk(
    _ choice: Int, _ text: String, _ tokens: [AnswerToken], _ finish: FinishReason?
  ) -> String {
    var json = JSONObject([("index", .integer(first + choice)), ("text", .string(text))])
    json["logprobs"] =
      options.logProbabilities && !tokens.isEmpty
      ? CompletionLogProbabilities.json(tokens, options, offset: offsets[choice]) : .null
    offsets[choice] += tokens.reduce(0) { $0 + CompletionLogProbabilities.characters($1) }
    json["finish_reason"] = finish.map { .string($0.wire) } ?? .null
    if options.tokenIDs, !tokens.isEmpty {
      json["token_ids"] = .array(tokens.map { .integer(Int($0.id)) })
    }
    if options.tokenIDs, isNew[choice] {
      json["prompt_token_ids"] = .array(prompt.tokens.map { .integer(Int($0)) })
    }
    isNew[choice] = false
    return head + ",\"choices\":[\(JSONValue.object(json).serialised())]"
      + (options.includesUsage ? ",\"usage\":null}" : "}")
  }
}
