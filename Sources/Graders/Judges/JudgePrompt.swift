import Records

/// The `input` of OpenAI's model graders: messages whose content is text, one part or a list of parts, all of them
/// templates.
struct JudgePrompt: Sendable {
  private struct PromptMessage: Sendable {
    let role: String
    let parts: [Part]
  }
  fileprivate enum Part: Sendable {
    case text(Template)
    case image(Template, detail: String?)
    case audio(Template, format: String)
  }
  private enum Speaker: String, CaseIterable {
    case system, developer, user, assistant
  }
  private enum PartType: String, CaseIterable {
    case inputText = "input_text"
    case outputText = "output_text"
    case text
    case inputImage = "input_image"
    case inputAudio = "input_audio"
  }
  private let messages: [PromptMessage]
  private let isFenced: Bool

  /// Reads `input` and `fence`; nil when something was reported.
  init?(_ reader: DefinitionReader) {
    isFenced = reader.bool("fence", default: false)
    guard let list = reader.object["input"]?.array, !list.isEmpty else {
      let found = reader.object["input"].map { $0.array == nil ? $0.kind : "an empty list" } ?? "nothing"
      reader.error(
        "input",
        "expected a list of messages such as {\"role\": \"user\", \"content\": \"...\"}; found \(found)")
      return nil
    }
    let messages = list.enumerated().map {
      Self.message($1, at: "\(reader.path(of: "input"))[\($0)]", reader)
    }
    self.messages = messages.compactMap(\.self)
    guard self.messages.count == list.count else { return nil }
    if !self.messages.contains(where: { $0.parts.contains(where: \.readsAnswer) }) {
      reader.problems.warning(
        reader.path(of: "input"),
        "shows the judge nothing of the answer; use {{sample.output_text}} somewhere")
    }
  }

  private static func message(_ value: JSONValue, at path: String, _ reader: DefinitionReader)
    -> PromptMessage?
  {
    guard let object = value.object else {
      reader.problems.error(path, "expected a message, an object with role and content; found \(value.kind)")
      return nil
    }
    let message = reader.inside(object, path: path)
    message.rejectKeys(besides: ["role", "content", "type"], of: "a message")
    if let type = message.string("type"), type != "message" {
      message.error("type", "is '\(type)'; expected 'message'")
    }
    let role: Speaker? = message.choice("role", default: nil)
    guard let content = object["content"] else {
      message.error("content", "missing; expected text, a part or a list of parts")
      return nil
    }
    let parts: [Part?]
    switch content {
    case .array(let list) where !list.isEmpty:
      parts = list.enumerated().map { part($1, at: "\(path).content[\($0)]", reader) }
    case .object: parts = [part(content, at: "\(path).content", reader)]
    case .string: parts = [message.template("content").map(Part.text)]
    default:
      let found = content.array == nil ? content.kind : "an empty list"
      message.error("content", "expected text, a part or a list of parts; found \(found)")
      return nil
    }
    guard let role, parts.allSatisfy({ $0 != nil }) else { return nil }
    return PromptMessage(role: role.rawValue, parts: parts.compactMap(\.self))
  }

  private static func part(_ value: JSONValue, at path: String, _ reader: DefinitionReader) -> Part? {
    if let text = value.string {
      // A bare text in a list of parts, as OpenAI's own schema allows.
      return reader.inside(JSONObject([("text", .string(text))]), path: path).template("text").map(Part.text)
    }
    guard let object = value.object else {
      reader.problems.error(path, "expected a part, an object with a type; found \(value.kind)")
      return nil
    }
    let part = reader.inside(object, path: path)
    guard let type: PartType = part.choice("type", default: nil) else { return nil }
    switch type {
    case .inputText, .outputText, .text:
      part.rejectKeys(besides: ["type", "text"], of: "a text part")
      return part.requiredTemplate("text", "the text of the part").map(Part.text)
    case .inputImage:
      part.rejectKeys(besides: ["type", "image_url", "detail"], of: "an image part")
      let image = part.requiredTemplate("image_url", "the address of the image, or a data: address")
      return image.map { .image($0, detail: part.string("detail")) }
    case .inputAudio:
      part.rejectKeys(besides: ["type", "input_audio"], of: "an audio part")
      guard let audio = object["input_audio"]?.object else {
        part.error("input_audio", "expected an object with data and format")
        return nil
      }
      let inside = reader.inside(audio, path: part.path(of: "input_audio"))
      inside.rejectKeys(besides: ["data", "format"], of: "the audio")
      let format = inside.string("format")
      if format == nil { inside.error("format", "missing; expected wav or mp3") }
      guard let data = inside.requiredTemplate("data", "the sound in base64"), let format else { return nil }
      return .audio(data, format: format)
    }
  }

  /// The messages of a chat completion, or why the answer has none.
  enum Rendering {
    case messages([JSONValue])
    case answerLacks(String)
  }

  func render(_ sample: GradingSample) throws(GradeFailure) -> Rendering {
    let fence =
      isFenced
      ? AnswerFence(around: [sample.outputText, JSONValue.array(sample.toolCalls.map(\.json)).serialised()])
      : nil
    var rendered: [JSONValue] = []
    if let fence { rendered.append(["role": "system", "content": .string(fence.instruction())]) }
    for message in messages {
      var parts: [JSONValue] = []
      var texts: [String] = []
      for part in message.parts {
        let quote = if case .text = part { fence } else { AnswerFence?.none }
        let value: String
        switch try part.template.render(sample, quotingAnswer: quote?.quote) {
        case .text(let text): value = text
        case .answerLacks(let reason): return .answerLacks(reason)
        }
        if case .text = part { texts.append(value) }
        parts.append(part.json(value))
      }
      // One string where that says the same: many servers know nothing else.
      let isText = texts.count == parts.count
      let content = isText ? JSONValue.string(texts.joined(separator: "\n")) : .array(parts)
      rendered.append(["role": .string(message.role), "content": content])
    }
    return .messages(rendered)
  }
}

extension JudgePrompt.Part {
  fileprivate var template: Template {
    switch self {
    case .text(let template), .image(let template, _), .audio(let template, _): template
    }
  }

  fileprivate var readsAnswer: Bool { template.readsAnswer }

  /// The part as a chat completion takes it.
  fileprivate func json(_ value: String) -> JSONValue {
    switch self {
    case .text: return ["type": "text", "text": .string(value)]
    case .image(_, let detail):
      var image = JSONObject([("url", .string(value))])
      if let detail { image["detail"] = .string(detail) }
      return ["type": "image_url", "image_url": .object(image)]
    case .audio(_, let format):
      return ["type": "input_audio", "input_audio": ["data": .string(value), "format": .string(format)]]
    }
  }
}
