internal import Inference
internal import Records

/// Converse's request, and Nova's own body for InvokeModel, which differs from it in few members.
struct ConverseBody {
  var request: AnswerRequest
  /// Whether the sender asks for figures of the prompt cache.
  var marksCache = false
  /// What the sender says of the request, for its logs.
  var metadata: [String: String] = [:]
  /// Places (JSON pointers) of what is wanted besides the answer.
  var responseFields: [String] = []
  /// `performanceConfig` and `serviceTier`, which are accepted, repeated, and change nothing.
  var repeated = JSONObject()

  static let members = [
    "messages", "system", "inferenceConfig", "toolConfig", "guardrailConfig", "additionalModelRequestFields",
    "promptVariables", "additionalModelResponseFieldPaths", "requestMetadata", "performanceConfig",
    "serviceTier", "outputConfig",
  ]

  /// Problems are left in the reader's collection.
  init(_ reader: WireReader, isNova: Bool = false) {
    reader.rejectOthers(than: Self.members + (isNova ? ["schemaVersion"] : []))
    for key in ["guardrailConfig", "promptVariables"] where reader.has(key) {
      reader.problems.add(nil, at: key, "this service has no such thing; leave it out")
    }
    var parser = ConverseMessages(problems: reader.problems)
    let messages = parser.conversation(reader)
    marksCache = parser.marksCache
    let tools = ConverseTools(reader)
    request = AnswerRequest(
      prompt: .conversation(messages, tools: tools?.tools ?? [], templateVariables: JSONObject()))
    if let tools { request.toolChoice = tools.choice }
    if let config = reader.inside("inferenceConfig") { readInference(config, isNova: isNova) }
    if let fields = reader.inside("additionalModelRequestFields") { readAdditional(fields) }
    readOutput(reader)
    readRest(reader)
  }

  private mutating func readInference(_ config: WireReader, isNova: Bool) {
    let spellings: [(String, String)] =
      isNova ? [("max_new_tokens", "maxTokens"), ("top_p", "topP"), ("top_k", "topK")] : []
    config.rejectOthers(
      than: ["maxTokens", "temperature", "topP", "stopSequences"] + (isNova ? ["topK"] : [])
        + spellings.map(\.0))
    func key(_ name: String) -> String {
      spellings.first { $0.1 == name && config.has($0.0) }?.0 ?? name
    }
    request.maxTokens = config.integer(key("maxTokens"), in: 1...10_000_000)
    if let value = config.number("temperature", in: 0...1) { request.temperature = value }
    if let value = config.number(key("topP"), in: 0...1) { request.topP = value }
    if isNova, let value = config.integer(key("topK"), in: 0...1_000_000) { request.topK = value }
    request.stop = (config.list("stopSequences", count: 0...2500) ?? []).compactMap {
      WireReader.string(
        $0.value, WireForm("a text that is not empty", 1...10_000) { _ in true }, at: $0.path, config.problems
      )
    }
  }

  /// What models of other makers take beside Bedrock's own four, by the names that they have there.
  private mutating func readAdditional(_ fields: WireReader) {
    fields.rejectOthers(than: [
      "top_k", "topK", "seed", "min_p", "presence_penalty", "frequency_penalty", "repetition_penalty",
      "reasoning_effort", "reasoningConfig", "inferenceConfig", "chat_template_kwargs", "min_tokens",
    ])
    for key in ["top_k", "topK"] {
      if let value = fields.integer(key, in: 0...1_000_000) { request.topK = value }
    }
    if let inside = fields.inside("inferenceConfig"), let value = inside.integer("topK", in: 0...1_000_000) {
      request.topK = value
    }
    if let value = fields.integer("seed", in: 0...Int.max) { request.seed = UInt64(value) }
    if let value = fields.number("min_p", in: 0...1) { request.minP = value }
    if let value = fields.number("presence_penalty", in: -2...2) { request.presencePenalty = value }
    if let value = fields.number("frequency_penalty", in: -2...2) { request.frequencyPenalty = value }
    if let value = fields.number("repetition_penalty", in: 0.01...100) { request.repetitionPenalty = value }
    if let value = fields.integer("min_tokens", in: 0...10_000_000) { request.minTokens = value }
    var variables = fields.inside("chat_template_kwargs")?.object ?? JSONObject()
    if let effort = fields.value("reasoning_effort") { variables["reasoning_effort"] = effort }
    if let config = fields.inside("reasoningConfig") {
      if let type = config.value("type")?.string { variables["enable_thinking"] = .bool(type == "enabled") }
      if let effort = config.value("maxReasoningEffort") { variables["reasoning_effort"] = effort }
    }
    if case .conversation(let messages, let tools, _) = request.prompt {
      request.prompt = .conversation(messages, tools: tools, templateVariables: variables)
    }
  }

  private mutating func readOutput(_ reader: WireReader) {
    guard let output = reader.inside("outputConfig") else { return }
    output.rejectOthers(than: ["textFormat"])
    guard let format = output.inside("textFormat") else { return }
    format.rejectOthers(than: ["type", "structure"])
    _ = format.choice("type", FormatType.self, required: true)
    guard let structure = format.inside("structure", required: true),
      structure.one(of: ["jsonSchema"]) != nil, let definition = structure.inside("jsonSchema")
    else { return }
    definition.rejectOthers(than: ["schema", "name", "description"])
    let name = definition.string("name", .any) ?? "answer"
    guard let schema = definition.string("schema", .any, required: true) else { return }
    guard (try? JSONValue(parsing: schema)) != nil else {
      reader.problems.add(schema, at: definition.place("schema"), "Member must be a JSON schema as JSON text")
      return
    }
    request.format = .jsonSchema(name: name, schema: schema)
  }

  private enum FormatType: String, CaseIterable { case jsonSchema = "json_schema" }
  private enum Latency: String, CaseIterable { case standard, optimized }
  private enum Tier: String, CaseIterable { case priority, `default`, flex, reserved }

  private mutating func readRest(_ reader: WireReader) {
    if let map = reader.inside("requestMetadata") {
      if map.object.count > 16 || map.object.isEmpty {
        reader.problems.add(
          nil, at: map.path, "Member must have between 1 and 16 pairs, got \(map.object.count)")
      }
      for (key, value) in map.object.members {
        guard WireReader.string(.string(key), .metadataKey, at: map.path, reader.problems) != nil,
          let text = WireReader.string(value, .metadataValue, at: map.place(key), reader.problems)
        else { continue }
        metadata[key] = text
      }
    }
    responseFields = (reader.list("additionalModelResponseFieldPaths", count: 0...10) ?? []).compactMap {
      WireReader.string(
        $0.value, WireForm("a JSON pointer, such as /stop_sequence", 1...256) { $0.hasPrefix("/") },
        at: $0.path,
        reader.problems)
    }
    if let config = reader.inside("performanceConfig") {
      if let latency = config.choice("latency", Latency.self) {
        repeated["performanceConfig"] = ["latency": .string(latency.rawValue)]
      }
    }
    if let config = reader.inside("serviceTier"), let tier = config.choice("type", Tier.self, required: true)
    {
      repeated["serviceTier"] = ["type": .string(tier.rawValue)]
    }
  }
}
