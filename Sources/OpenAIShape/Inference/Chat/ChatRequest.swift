import Gateway
import Inference
import Records

/// A request for chat completions.
struct ChatRequest: Sendable, Hashable {
  var model: String
  var answer: AnswerRequest
  var options: WireOptions
}

/// How an answer is written, whatever is in it.
struct WireOptions: Sendable, Hashable {
  var isStreamed = false
  var includesUsage = false
  /// Whether ids of tokens are told.
  var tokenIDs = false
  /// Whether log-probabilities are told.
  var logProbabilities = false
  /// Whether tokens are written as `token_id:<n>`, which tells apart what text cannot.
  var tokensAsIDs = false

  init(_ reader: FieldReader) {
    isStreamed = reader.flag("stream") ?? false
    if let options = reader.object("stream_options", "an object") {
      includesUsage = reader.inside("stream_options", options).flag("include_usage") ?? false
    }
    tokenIDs = reader.flag("return_token_ids") ?? false
    tokensAsIDs = reader.flag("return_tokens_as_token_ids") ?? false
  }
}

extension ChatRequest {
  /// Reads the body; `model` is the path's, where it names one. Unknown fields are passed over.
  init(_ object: JSONObject, model: String?) throws {
    let problems = RequestProblems()
    let reader = FieldReader(object, problems: problems)
    self.model = model ?? reader.requiredString("model", "the name of a model") ?? ""
    options = WireOptions(reader)
    let messages = ChatMessages.read(reader)
    let (choice, tools) = ChatTools.choice(reader, ChatTools.read(reader))
    answer = AnswerRequest(
      prompt: .conversation(messages, tools: tools, templateVariables: Self.variables(reader)))
    answer.toolChoice = choice
    answer.allowsParallelToolCalls = reader.flag("parallel_tool_calls") ?? true
    answer.format = SamplingFields.format(reader, "response_format", isFlat: false)
    SamplingFields.read(reader, into: &answer)
    answer.choices = reader.integer("n", in: 1...SamplingFields.mostChoices) ?? 1
    let most = reader.integer("max_tokens", in: 1 ... .max)
    answer.maxTokens = reader.integer("max_completion_tokens", in: 1 ... .max) ?? most
    options.logProbabilities = reader.flag("logprobs") ?? false
    let top = reader.integer("top_logprobs", in: 0...20)
    if let top, top > 0, !options.logProbabilities {
      reader.error("top_logprobs", "is \(top), but logprobs is not true; set logprobs as well")
    }
    if options.logProbabilities { answer.logProbabilities = top ?? 0 }
    for (key, other) in [("functions", "tools"), ("function_call", "tool_choice")]
    where reader.value(key) != nil {
      reader.error(key, "is not supported any more; use \(other)")
    }
    if let kinds = reader.array("modalities", "a list of texts"), kinds.contains(where: { $0 != "text" }) {
      reader.error("modalities", "only text can be answered")
    }
    if reader.value("audio") != nil { reader.error("audio", "only text can be answered") }
    try problems.check()
  }

  /// What the chat template is told beside the conversation.
  private static func variables(_ reader: FieldReader) -> JSONObject {
    var variables = reader.object("chat_template_kwargs", "an object") ?? JSONObject()
    if let effort = reader.string("reasoning_effort") {
      Self.setEffort(effort, &variables)
    }
    return variables
  }

  /// Templates know an effort under this name, or whether to think at all.
  static func setEffort(_ effort: String, _ variables: inout JSONObject) {
    if variables["reasoning_effort"] == nil { variables["reasoning_effort"] = .string(effort) }
    if effort == "none" || effort == "minimal", variables["enable_thinking"] == nil {
      variables["enable_thinking"] = false
    }
  }
}
