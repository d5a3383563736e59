import Inference
import Records

/// The fields about sampling that all of these routes share, those of OpenAI and those that vLLM has added.
enum SamplingFields {
  /// Most choices of one prompt.
  static let mostChoices = 128
  private static let mostStops = 16

  static func read(_ reader: FieldReader, into request: inout AnswerRequest) {
    if let value = reader.number("temperature", 0...100) { request.temperature = value }
    if let value = reader.number("top_p", 0...1) {
      // The smallest set of tokens that has any probability: the likeliest one.
      if value == 0 { request.topK = 1 } else { request.topP = value }
    }
    // -1 is vLLM's word for all.
    if let value = reader.integer("top_k", in: -1...1_000_000), value > 0 { request.topK = value }
    if let value = reader.number("min_p", 0...1) { request.minP = value }
    if let value = reader.number("presence_penalty", -2...2) { request.presencePenalty = value }
    if let value = reader.number("frequency_penalty", -2...2) { request.frequencyPenalty = value }
    if let value = reader.number("repetition_penalty", 0.01...100) { request.repetitionPenalty = value }
    if let value = reader.integer("seed", in: .min ... .max) {
      request.seed = UInt64(bitPattern: Int64(value))
    }
    if let value = reader.integer("min_tokens", in: 0 ... .max) { request.minTokens = value }
    if let value = reader.flag("ignore_eos") { request.ignoresEnd = value }
    if let value = reader.flag("skip_special_tokens") { request.keepsSpecialTokens = !value }
    if let value = reader.tokenIDs("stop_token_ids") { request.stopIDs = value }
    request.stop = stops(reader)
    request.bias = bias(reader)
  }

  private static func stops(_ reader: FieldReader) -> [String] {
    guard let value = reader.value("stop") else { return [] }
    if let text = value.string { return text.isEmpty ? [] : [text] }
    guard let list = value.array else {
      reader.error("stop", "expected text or a list of texts, got \(value.kind)")
      return []
    }
    guard list.count <= mostStops else {
      reader.error("stop", "has \(list.count) texts; expected at most \(mostStops)")
      return []
    }
    var stops: [String] = []
    for (place, element) in list.enumerated() {
      guard let text = element.string else {
        reader.error("stop[\(place)]", "expected text, got \(element.kind)")
        continue
      }
      if !text.isEmpty { stops.append(text) }
    }
    return stops
  }

  private static func bias(_ reader: FieldReader) -> [TokenBias] {
    guard let object = reader.object("logit_bias", "an object of token ids and numbers") else { return [] }
    var bias: [TokenBias] = []
    for (key, value) in object.members {
      guard let id = Int32(key), id >= 0 else {
        reader.error("logit_bias", "'\(key.prefix(40))' is no token id")
        continue
      }
      guard let number = value.double, (-100...100).contains(number) else {
        reader.error(
          "logit_bias.\(key)", "expected a number from -100 to 100, got \(value.serialised().prefix(40))")
        continue
      }
      bias.append(TokenBias(token: id, bias: number))
    }
    return bias
  }

  /// `text`, `json_object` or `json_schema`, as chat completions wrap it (`isFlat` false) or responses.
  static func format(_ reader: FieldReader, _ key: String, isFlat: Bool) -> AnswerRequest.Format {
    guard let object = reader.object(key, "an object with a type") else { return .text }
    let inner = reader.inside(key, object)
    switch object["type"]?.string {
    case "text": return .text
    case "json_object": return .jsonObject
    case "json_schema":
      let holder: FieldReader
      if isFlat {
        holder = inner
      } else {
        guard let schema = inner.object("json_schema", "an object with name and schema") else {
          if inner.value("json_schema") == nil { inner.error("json_schema", "is missing") }
          return .text
        }
        holder = inner.inside("json_schema", schema)
      }
      // The API requires a name alone.
      guard let schema = holder.value("schema") else { return .jsonObject }
      guard schema.object != nil || schema.bool != nil else {
        holder.error("schema", "expected a JSON schema, got \(schema.kind)")
        return .text
      }
      return .jsonSchema(name: holder.string("name") ?? "answer", schema: schema.serialised())
    default:
      inner.error("type", "expected text, json_object or json_schema")
      return .text
    }
  }
}
