import Records
import Testing
import Tokenization

@testable import Inference

struct ModelTextTests {
  private static let tool: JSONValue = [
    "type": "function",
    "function": ["name": "add", "parameters": ["type": "object", "properties": ["a": ["type": "number"]]]],
  ]

  private static func request(
    _ messages: [Message], tools: [JSONValue] = [], _ variables: [(String, JSONValue)] = []
  ) -> AnswerRequest {
    AnswerRequest(
      prompt: .conversation(messages, tools: tools, templateVariables: JSONObject(variables)))
  }

  private static func rendered(_ text: ModelText, _ request: AnswerRequest) throws -> String {
    text.tokenizer.decode(try text.prompt(of: request).ids, skippingSpecial: false)
  }

  @Test func `a developer's word is the system's`() throws {
    let text = try ByteModel.text()
    let prompt = try Self.rendered(
      text, Self.request([Message(.developer, "Be brief."), Message(.user, "Hi")]))
    #expect(prompt.hasPrefix("<|im_start|>system\nBe brief.<|im_end|>\n<|im_start|>user\nHi"))
  }

  @Test func `a template that knows no tools is told of them in words`() throws {
    let text = try ByteModel.text()
    #expect(text.syntax == .generic)
    var call = Message(role: .assistant, content: [])
    call.toolCalls = [ToolCall(id: "1", name: "add", arguments: "{\"a\":1}")]
    let messages = [
      Message(.system, "Count."), Message(.user, "Go"), call,
      Message(role: .tool, content: [.text("2")], toolCallID: "1"),
    ]
    let prompt = try Self.rendered(text, Self.request(messages, tools: [Self.tool]))
    #expect(prompt.hasPrefix("<|im_start|>system\nCount.\n\nYou can call functions."))
    #expect(prompt.contains(Self.tool.serialised()))
    #expect(prompt.contains("<|im_start|>assistant\n<tool_call>\n{\"name\":\"add\",\"arguments\":{\"a\":1}}"))
    #expect(prompt.contains("<|im_start|>user\n<tool_response>\n2\n</tool_response>"))
    var without = Self.request(messages, tools: [Self.tool])
    without.toolChoice = .none
    #expect(try !Self.rendered(text, without).contains("You can call"))
  }

  @Test func `a template that knows tools and thinking gets them`() throws {
    let text = try ByteModel.text(ByteModel.thinkingTemplate)
    #expect(text.syntax == .tagged)
    var thought = Message(.assistant, "Yes.")
    thought.reasoning = "Hm."
    let prompt = try Self.rendered(
      text, Self.request([Message(.user, "?"), thought, Message(.user, "Sure?")], tools: [Self.tool]))
    #expect(prompt.contains("\"name\": \"add\""))
    #expect(prompt.contains("<think>Hm.</think>Yes."))
  }

  @Test func `the end of the prompt tells where the thinking stands`() throws {
    let thinking = try ByteModel.text(ByteModel.thinkingTemplate)
    let plain = try ByteModel.text("{{ messages[0].content }}")
    let user = [Message(.user, "Hi")]
    #expect(try thinking.prompt(of: Self.request(user)).reasoning == .mayBegin)
    #expect(try thinking.prompt(of: Self.request(user, [("opens", true)])).reasoning == .hasBegun)
    #expect(try thinking.prompt(of: Self.request(user, [("enable_thinking", false)])).reasoning == .never)
    #expect(try thinking.prompt(of: AnswerRequest(prompt: .text("<think>"))).reasoning == .never)
    // The tokenizer of these tests knows the tags.
    #expect(try plain.prompt(of: Self.request(user)).reasoning == .mayBegin)
  }

  @Test func `variables cannot stand in for the request's own fields`() throws {
    let text = try ByteModel.text()
    let error = #expect(throws: InferenceError.self) {
      try text.prompt(of: Self.request([Message(.user, "Hi")], [("messages", [])]))
    }
    #expect(error?.kind == .invalid(param: "chat_template_kwargs"))
  }

  @Test func `what a template does not take is the client's to mend`() throws {
    let text = try ByteModel.text("{{ raise_exception('no system message, please') }}")
    let error = #expect(throws: InferenceError.self) {
      try text.prompt(of: Self.request([Message(.user, "Hi")]))
    }
    #expect(error?.kind == .invalid(param: "messages"))
    #expect(error?.message.contains("no system message, please") == true)
  }

  @Test func `what is put before a text is known from it`() throws {
    let text = try ByteModel.text()
    #expect(try text.prompt(of: AnswerRequest(prompt: .text("Hi"))).added == 0)
    #expect(try text.prompt(of: AnswerRequest(prompt: .tokens([ByteModel.end]))).added == 0)
    let empty = try text.prompt(of: AnswerRequest(prompt: .text("")))
    #expect(empty.ids == [ByteModel.end])
    #expect(empty.added == 1)
  }

  // MARK: Constraints

  private static let schema = #"{"type":"object"}"#
  private static let call = ResponseConstraint.sequence([
    .text("<tool_call>\n{\"name\": \"add\", \"arguments\": "),
    .schema(#"{"type":"object","properties":{"a":{"type":"number"}}}"#), .text("}\n</tool_call>"),
  ])

  @Test func `a form holds the answer, and not the thinking before it`() throws {
    var request = Self.request([Message(.user, "?")])
    #expect(try request.constraint(.tagged, .mayBegin) == nil)
    request.format = .jsonObject
    #expect(try request.constraint(.tagged, .never) == .object)
    request.format = .jsonSchema(name: "x", schema: Self.schema)
    let body = ResponseConstraint.schema(Self.schema)
    let thinking: [ResponseConstraint] = [.free(until: "</think>"), .text("\n\n"), body]
    #expect(try request.constraint(.tagged, .hasBegun) == .sequence(thinking))
    #expect(
      try request.constraint(.tagged, .mayBegin)
        == .choice([.sequence([.text("<think>")] + thinking), body]))
  }

  @Test func `a call that must be made is one by construction`() throws {
    var request = Self.request([Message(.user, "?")], tools: [Self.tool])
    #expect(try request.constraint(.tagged, .never) == nil)
    request.toolChoice = .required
    #expect(try request.constraint(.tagged, .never) == Self.call)
    request.toolChoice = .function("add")
    #expect(try request.constraint(.tagged, .never) == Self.call)
    guard case .sequence(let parts) = try request.constraint(.llama, .never) else {
      Issue.record("expected a sequence")
      return
    }
    #expect(parts.first == .text("{\"name\": \"add\", \"parameters\": "))
    request.toolChoice = .auto
    request.format = .jsonObject
    #expect(try request.constraint(.tagged, .never) == .choice([.object, Self.call]))
    request.toolChoice = .function("other")
    #expect(throws: InferenceError.self) { try request.constraint(.tagged, .never) }
    request = Self.request([Message(.user, "?")])
    request.toolChoice = .required
    #expect(throws: InferenceError.self) { try request.constraint(.tagged, .never) }
  }
}
