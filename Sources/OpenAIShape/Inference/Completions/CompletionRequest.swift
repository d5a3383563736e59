import Gateway
import Inference
import Records

/// A request for completions of texts as they stand.
struct CompletionRequest: Sendable, Hashable {
  var model: String
  var prompts: [AnswerRequest.Prompt]
  /// Of every prompt.
  var answer: AnswerRequest
  var options: WireOptions
  var echoes = false

  /// Most prompts of one request.
  private static let mostPrompts = 2048

  init(_ object: JSONObject, model: String?) throws {
    let problems = RequestProblems()
    let reader = FieldReader(object, problems: problems)
    self.model = model ?? reader.requiredString("model", "the name of a model") ?? ""
    options = WireOptions(reader)
    prompts = Self.prompts(reader)
    answer = AnswerRequest(prompt: .text(""))
    SamplingFields.read(reader, into: &answer)
    answer.format = SamplingFields.format(reader, "response_format", isFlat: false)
    answer.choices = reader.integer("n", in: 1...SamplingFields.mostChoices) ?? 1
    // The API's own default, and the reason why many forget to set it.
    answer.maxTokens = reader.integer("max_tokens", in: 0 ... .max) ?? 16
    echoes = reader.flag("echo") ?? false
    answer.echoesPrompt = echoes
    if let count = reader.integer("logprobs", in: 0...20) {
      answer.logProbabilities = count
      options.logProbabilities = true
    }
    if let best = reader.integer("best_of", in: 1...SamplingFields.mostChoices), best != answer.choices {
      reader.error("best_of", "is \(best), which is not n; answers are not sorted by likelihood here")
    }
    if let suffix = reader.string("suffix", longest: .max), !suffix.isEmpty {
      reader.error("suffix", "texts are not filled in here; leave it out")
    }
    if prompts.count > Self.mostPrompts {
      reader.error("prompt", "has \(prompts.count) prompts; expected at most \(Self.mostPrompts)")
    }
    try problems.check()
  }

  /// A text, a list of ids, or a list of either.
  private static func prompts(_ reader: FieldReader) -> [AnswerRequest.Prompt] {
    switch reader.value("prompt") {
    case nil:
      reader.error("prompt", "is missing; expected text, a list of token ids, or a list of these")
    case .string(let text): return [.text(text)]
    case .array(let list) where list.first?.double != nil:
      return reader.ids("prompt", list).map { [.tokens($0)] } ?? []
    case .array(let list) where !list.isEmpty:
      var prompts: [AnswerRequest.Prompt] = []
      for (place, element) in list.enumerated() {
        switch element {
        case .string(let text): prompts.append(.text(text))
        case .array(let ids):
          guard let ids = reader.ids("prompt[\(place)]", ids) else { return [] }
          prompts.append(.tokens(ids))
        default: reader.error("prompt[\(place)]", "expected text or a list of ids, got \(element.kind)")
        }
      }
      return prompts
    case .some(let other):
      reader.error(
        "prompt",
        "expected text, a list of token ids, or a list of these, got "
          + (other.array == nil ? other.kind : "an empty list"))
    }
    return []
  }

  /// The request of one prompt. Prompts of one request with a seed are not to draw alike.
  func answer(of prompt: Int) -> AnswerRequest {
    var answer = answer
    answer.prompt = prompts[prompt]
    answer.seed = answer.seed.map { $0 &+ UInt64(prompt) &* 0x9E37_79B9_7F4A_7C15 }
    return answer
  }
}
