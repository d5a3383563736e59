package import Records

/// Turns a conversation into a prompt: the text that the model's template makes of it, and its token ids.
///
/// The ids of special tokens are the template's alone. What a user typed stays text, also when it reads
/// `<|im_end|>`: a prompt that can close its own turn can speak for the assistant.
package struct ConversationRenderer: Sendable {
  /// A rendered conversation.
  package struct Prompt: Sendable, Hashable {
    package var text: String
    package var ids: [Int32]

    package init(text: String, ids: [Int32]) {
      self.text = text
      self.ids = ids
    }
  }

  package let tokenizer: Tokenizer
  package let template: ChatTemplate
  private let marker: AddedTokenMarker

  package init(tokenizer: Tokenizer, template: ChatTemplate) {
    self.tokenizer = tokenizer
    self.template = template
    marker = AddedTokenMarker(tokenizer.definition)
  }

  /// Renders messages for the model to answer, or to learn from without `addGenerationPrompt`.
  ///
  /// `tools` are in the shape of chat completions. `variables` are for what else a template asks for
  /// (`enable_thinking`) and win over the standard ones. `now` is what
  /// `strftime_now` tells, in seconds since 1970.
  package func render(
    _ messages: [Message], tools: [JSONValue] = [], addGenerationPrompt: Bool,
    variables: [String: JSONValue] = [:], now: Int? = nil
  ) throws(TemplateError) -> Prompt {
    var context = TemplateContext(now: now)
    context.variables = [
      "messages": .array(messages.map { .object(Self.dictionary($0)) }),
      "tools": tools.isEmpty ? .null : .array(tools),
      "documents": .null,
      "add_generation_prompt": .bool(addGenerationPrompt),
    ]
    let definition = tokenizer.definition
    for (name, id) in [
      ("bos_token", definition.bosID), ("eos_token", definition.eosID), ("pad_token", definition.padID),
    ] {
      if let token = id.flatMap(tokenizer.token) { context.variables[name] = .string(token) }
    }
    context.variables.merge(variables) { $1 }

    let text = try template.render(context)
    // Other variables are the caller's own words, not a user's.
    let given = messages.map { JSONValue.object(Self.dictionary($0)) } + tools
    guard given.contains(where: marker.finds) else {
      return Prompt(text: text, ids: tokenizer.encode(text, specialTokens: .parse))
    }
    let scalar = AddedTokenMarker.unusedScalar(in: text, given)
    // A template may ask what a message begins with or cut it at a tag. If marks change its answer, those at
    // tokens that are not special are given up: they are tags like <tool_response>, and close no turn.
    for scope in [AddedTokenMarker.Scope.all, .special] {
      var marked = context
      marked.variables["messages"] = .array(
        messages.map { message in
          let isModels = message.role == .assistant
          var object = marker.marked(Self.dictionary(message), with: scalar, isModels ? .special : scope)
          // Not anyone's words, though a token may read "user".
          object["role"] = .string(message.role.rawValue)
          return .object(object)
        })
      if !tools.isEmpty {
        marked.variables["tools"] = .array(tools.map { marker.marked($0, with: scalar, scope) })
      }
      guard let markedText = try? template.render(marked) else { continue }
      let plain = String(String.UnicodeScalarView(markedText.unicodeScalars.filter { $0 != scalar }))
      if marker.areSame(plain, text) {
        return Prompt(text: text, ids: tokenizer.encode(markedText, parsingUnlessAfter: scalar))
      }
    }
    throw TemplateError(
      .evaluation, line: 1,
      "a message or tool contains a special token's text, such as "
        + "'\(given.lazy.compactMap(marker.firstSpecial).first ?? "")', and the template acts on it; "
        + "remove it from the message")
  }

  /// A message as templates expect it: text for content, and the arguments of tool calls as objects.
  static func dictionary(_ message: Message) -> JSONObject {
    var object = JSONObject([("role", .string(message.role.rawValue)), ("content", .string(message.text))])
    if let name = message.name { object["name"] = .string(name) }
    if let id = message.toolCallID { object["tool_call_id"] = .string(id) }
    if let reasoning = message.reasoning { object["reasoning_content"] = .string(reasoning) }
    if !message.toolCalls.isEmpty {
      object["tool_calls"] = .array(
        message.toolCalls.map { call in
          // Arguments that are not JSON are what a model wrote; a template prints them as they are.
          let arguments = (try? JSONValue(parsing: call.arguments)) ?? .string(call.arguments)
          return [
            "id": .string(call.id), "type": "function",
            "function": ["name": .string(call.name), "arguments": arguments],
          ]
        })
    }
    return object
  }
}
