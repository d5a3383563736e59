internal import Inference
internal import Records

/// The chat completions body that OpenAI's and other open models take on Bedrock, for InvokeModel.
struct ChatBody {
  var request: AnswerRequest

  static let members = [
    "messages", "tools", "tool_choice", "max_tokens", "max_completion_tokens", "temperature", "top_p",
    "top_k",
    "min_p", "stop", "seed", "presence_penalty", "frequency_penalty", "repetition_penalty", "response_format",
    "reasoning_effort", "chat_template_kwargs", "parallel_tool_calls", "n", "stream", "stream_options",
    "model",
    "user",
  ]

  /// Problems are left in the reader's collection.
  init(_ reader: WireReader) {
    reader.rejectOthers(than: Self.members)
    var messages: [Message] = []
    for (path, value) in reader.list("messages", count: 1...100_000, required: true) ?? [] {
      do throws(ShapeError) { messages.append(try Message(json: value, path: path)) } catch {
        reader.problems.add("\(error)")
      }
    }
    let tools = (reader.list("tools", count: 0...1000) ?? []).map(\.value)
    var variables = reader.inside("chat_template_kwargs")?.object ?? JSONObject()
    if let effort = reader.value("reasoning_effort") { variables["reasoning_effort"] = effort }
    request = AnswerRequest(prompt: .conversation(messages, tools: tools, templateVariables: variables))
    readSampling(reader)
    readTools(reader)
    readFormat(reader)
  }

  private mutating func readSampling(_ reader: WireReader) {
    request.maxTokens =
      reader.integer("max_completion_tokens", in: 1...10_000_000)
      ?? reader.integer("max_tokens", in: 1...10_000_000)
    if let value = reader.number("temperature", in: 0...2) { request.temperature = value }
    if let value = reader.number("top_p", in: 0...1) { request.topP = value }
    if let value = reader.integer("top_k", in: -1...1_000_000) { request.topK = max(0, value) }
    if let value = reader.number("min_p", in: 0...1) { request.minP = value }
    if let value = reader.integer("seed", in: 0...Int.max) { request.seed = UInt64(value) }
    if let value = reader.number("presence_penalty", in: -2...2) { request.presencePenalty = value }
    if let value = reader.number("frequency_penalty", in: -2...2) { request.frequencyPenalty = value }
    if let value = reader.number("repetition_penalty", in: 0.01...100) { request.repetitionPenalty = value }
    if let value = reader.bool("parallel_tool_calls") { request.allowsParallelToolCalls = value }
    _ = reader.integer("n", in: 1...1)
    switch reader.value("stop") {
    case .string(let text): request.stop = [text]
    case nil: break
    case .some:
      request.stop = (reader.list("stop", count: 0...2500) ?? []).compactMap {
        WireReader.string($0.value, .any, at: $0.path, reader.problems)
      }
    }
  }

  private mutating func readTools(_ reader: WireReader) {
    switch reader.value("tool_choice") {
    case nil, .string("auto"): return
    case .string("none"): request.toolChoice = .none
    case .string("required"): request.toolChoice = .required
    case .some(let choice):
      guard let name = choice["function"]?["name"]?.string else {
        reader.problems.add(
          choice.serialised(), at: "tool_choice",
          "Member must be auto, none, required or {\"type\": \"function\", \"function\": {\"name\": ...}}")
        return
      }
      request.toolChoice = .function(name)
    }
  }

  private mutating func readFormat(_ reader: WireReader) {
    guard let format = reader.inside("response_format") else { return }
    switch format.value("type", required: true)?.string {
    case "text", nil: return
    case "json_object": request.format = .jsonObject
    case "json_schema":
      guard let inside = format.inside("json_schema", required: true),
        let schema = inside.inside("schema", required: true)
      else { return }
      request.format = .jsonSchema(
        name: inside.string("name", .any) ?? "answer", schema: JSONValue.object(schema.object).serialised())
    case .some(let other):
      reader.problems.add(
        other, at: format.place("type"),
        "Member must satisfy enum value set: [text, json_object, json_schema]")
    }
  }
}
