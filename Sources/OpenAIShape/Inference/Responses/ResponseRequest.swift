import Gateway
import Inference
import Records

/// A request for a response.
struct ResponseRequest: Sendable, Hashable {
  var model: String
  /// Without the messages of the response before.
  var messages: [Message]
  /// The same as it was sent, every item with an id.
  var input: [JSONValue]
  var instructions: String?
  var previous: String?
  var answer: AnswerRequest
  var options: WireOptions
  var isStored = true
  /// What the response repeats as it was sent.
  var echo: JSONObject

  private static let echoed = [
    "instructions", "max_output_tokens", "metadata", "previous_response_id", "reasoning", "temperature",
    "text",
    "tool_choice", "tools", "top_p", "truncation", "user",
  ]

  init(_ object: JSONObject) throws {
    let problems = RequestProblems()
    let reader = FieldReader(object, problems: problems)
    model = reader.requiredString("model", "the name of a model") ?? ""
    options = WireOptions(reader)
    messages = ResponseItems.read(reader)
    input = ResponseItems.items(reader)
    instructions = reader.string("instructions", longest: .max)
    previous = reader.string("previous_response_id")
    isStored = reader.flag("store") ?? true
    let (choice, tools) = ChatTools.choice(reader, Self.tools(reader))
    answer = AnswerRequest(prompt: .conversation([], tools: tools, templateVariables: Self.variables(reader)))
    answer.toolChoice = choice
    answer.allowsParallelToolCalls = reader.flag("parallel_tool_calls") ?? true
    if let text = reader.object("text", "an object") {
      answer.format = SamplingFields.format(reader.inside("text", text), "format", isFlat: true)
    }
    SamplingFields.read(reader, into: &answer)
    answer.maxTokens = reader.integer("max_output_tokens", in: 1 ... .max)
    let wanted = reader.array("include", "a list of texts") ?? []
    let top = reader.integer("top_logprobs", in: 0...20)
    if wanted.contains("message.output_text.logprobs") || (top ?? 0) > 0 {
      answer.logProbabilities = top ?? 0
      options.logProbabilities = true
    }
    for key in ["background", "conversation", "prompt"] {
      guard let value = reader.value(key), value != false else { continue }
      reader.error(key, "is not served here; leave it out")
    }
    echo = JSONObject(Self.echoed.compactMap { key in object[key].map { (key, $0) } })
    try problems.check()
  }

  /// The request with its whole conversation.
  func answer(after earlier: [Message]) -> AnswerRequest {
    var answer = answer
    guard case .conversation(_, let tools, let variables) = answer.prompt else { return answer }
    let system = instructions.map { [Message(.system, $0)] } ?? []
    answer.prompt = .conversation(
      system + earlier + messages, tools: tools, templateVariables: variables)
    return answer
  }

  /// Tools in the shape of chat completions: responses write a function's members beside its type.
  private static func tools(_ reader: FieldReader) -> [JSONValue] {
    guard let list = reader.array("tools", "a list of tools") else { return [] }
    var tools: [JSONValue] = []
    for (place, tool) in list.enumerated() {
      guard tool["type"]?.string == "function" else {
        reader.error("tools[\(place)].type", "expected function; other tools are not served here")
        continue
      }
      var function = tool["function"]?.object ?? tool.object ?? JSONObject()
      if tool["function"] == nil { function["type"] = nil }
      if ChatTools.check(.object(function), reader, "tools[\(place)]") {
        tools.append(["type": "function", "function": .object(function)])
      }
    }
    return tools
  }

  private static func variables(_ reader: FieldReader) -> JSONObject {
    var variables = reader.object("chat_template_kwargs", "an object") ?? JSONObject()
    if let reasoning = reader.object("reasoning", "an object"),
      let effort = reader.inside("reasoning", reasoning).string("effort")
    {
      ChatRequest.setEffort(effort, &variables)
    }
    return variables
  }
}
