package import Checkpoints
internal import Records
package import Tokenization

/// All that is text about a base model: its tokenizer, its chat template, and how it writes calls and thoughts.
package struct ModelText: Sendable {
  /// A prompt as the model will see it.
  struct Prompt: Sendable, Hashable {
    var ids: [Int32]
    var reasoning: ReasoningSplitter.Mode
    /// Ids at the beginning that are not of the text that was given.
    var added = 0
  }

  package let tokenizer: Tokenizer
  package let syntax: ToolCallSyntax
  /// Bytes of the longest token.
  let longestToken: Int
  private let conversations: ConversationRenderer
  private let canThink: Bool

  package init(_ model: ModelTokenizer) {
    let tokenizer = model.tokenizer
    self.tokenizer = tokenizer
    longestToken = (0..<tokenizer.vocabularySize).lazy.map { tokenizer.bytes(of: Int32($0)).count }.max() ?? 1
    conversations = model.conversations
    let source = model.template.source
    syntax = ToolCallSyntax(template: source)
    canThink =
      source.contains("</think>")
      || model.tokenizer.definition.addedTokens.contains { $0.content == "</think>" }
  }

  package init(_ location: ModelLocation) throws(InferenceError) {
    do throws(ModelTokenizerError) { self.init(try ModelTokenizer(location)) } catch {
      throw InferenceError(.failed, "the model's tokenizer cannot be used: \(error)")
    }
  }

  /// Renders or encodes what the model is to read.
  func prompt(of request: AnswerRequest) throws(InferenceError) -> Prompt {
    switch request.prompt {
    case .tokens(let ids): return Prompt(ids: ids, reasoning: .never)
    case .text(let text):
      var ids = tokenizer.encode(text, specialTokens: .parse)
      let given = ids.count
      if tokenizer.definition.addsBOS, let bos = tokenizer.bosID, ids.first != bos { ids.insert(bos, at: 0) }
      // There is no answer to an empty text but the beginning of a text.
      if ids.isEmpty, let start = tokenizer.bosID ?? tokenizer.eosID { ids = [start] }
      return Prompt(ids: ids, reasoning: .never, added: ids.count - given)
    case .conversation(let messages, let tools, let variables):
      return try conversation(
        messages, tools: request.toolChoice == .none ? [] : tools, variables: variables)
    }
  }

  private func conversation(_ messages: [Message], tools: [JSONValue], variables: JSONObject)
    throws(InferenceError) -> Prompt
  {
    for name in ["messages", "tools"] where variables[name] != nil {
      throw InferenceError(
        .invalid(param: "chat_template_kwargs"),
        "chat_template_kwargs sets '\(name)', which is a field of the request itself; send it there")
    }
    var messages = messages.map { message in
      var message = message
      if message.role == .developer { message.role = .system }
      return message
    }
    let isTold = syntax == .generic
    if isTold { messages = ToolInstructions.adapt(messages, tools: tools) }
    let prompt: ConversationRenderer.Prompt
    do throws(TemplateError) {
      prompt = try conversations.render(
        messages, tools: isTold ? [] : tools, addGenerationPrompt: true,
        variables: Dictionary(variables.members.map { ($0.key, $0.value) }) { $1 })
    } catch {
      throw InferenceError(
        .invalid(param: "messages"), "the model's chat template does not take these messages: \(error)")
    }
    return Prompt(ids: prompt.ids, reasoning: reasoning(after: prompt.text))
  }

  private func reasoning(after prompt: String) -> ReasoningSplitter.Mode {
    let end = prompt.utf8.suffix(64).reversed().drop { $0.isJSONSpace }
    if end.starts(with: ReasoningSplitter.open.reversed()) { return .hasBegun }
    // A template that is told not to think closes the thinking before it has begun.
    if !canThink || end.starts(with: ReasoningSplitter.close.reversed()) { return .never }
    return .mayBegin
  }
}
