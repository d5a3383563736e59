import Inference
import Records
import Testing

@testable import BedrockShape

/// Why an answer ended, in the words of each form.
struct ConverseAnswerTests {
  private func assembly(_ arguments: String?, _ finish: FinishReason?) -> AnswerAssembly {
    var assembly = AnswerAssembly()
    _ = assembly.take(.text(choice: 0, "look", tokens: []))
    if let arguments {
      _ = assembly.take(.toolCallBegan(choice: 0, index: 0, id: "1", name: "n"))
      _ = assembly.take(.toolCallArguments(choice: 0, index: 0, arguments))
    }
    if let finish {
      _ = assembly.take(
        .ended(choice: 0, finish, ChoiceReport(completionTokens: 1, reasoningTokens: 0, tokens: [])))
    }
    return assembly
  }

  private func answer(_ assembly: AnswerAssembly, maxTokens: Int? = 5) -> ConverseAnswer {
    var body = ConverseBody(WireReader(JSONObject()))
    body.request.maxTokens = maxTokens
    return ConverseAnswer(assembly: assembly, body: body, milliseconds: 1)
  }

  @Test(
    arguments: [
      (nil, FinishReason.stop, "end_turn"), (nil, .length, "max_tokens"),
      (#"{"a":1}"#, .toolCalls, "tool_use"),
      (#"{"a":"#, .toolCalls, "malformed_tool_use"), (#"{"a":"#, .length, "max_tokens"),
      (#"{"a":"#, nil, nil), (nil, nil, nil),
    ] as [(String?, FinishReason?, String?)])
  func `a reason to stop is told where there is one`(
    _ arguments: String?, _ finish: FinishReason?, _ reason: String?
  ) {
    let answer = answer(assembly(arguments, finish))
    #expect(answer.stopReason == reason)
    #expect(answer.json["stopReason"]?.string == reason)
    #expect(answer.nova["stopReason"]?.string == reason)
  }

  @Test func `a call that the context has cut is not the model's mistake either`() {
    #expect(
      self.answer(assembly(#"{"a":"#, .length), maxTokens: nil).stopReason == "model_context_window_exceeded")
  }

  @Test(
    arguments: [(FinishReason.length, JSONValue.string("length")), (nil, .null)]
      as [(FinishReason?, JSONValue)])
  func `chat completions have null for an answer that broke off`(_ finish: FinishReason?, _ reason: JSONValue)
  {
    let answer = ChatAnswer(id: "i", model: "m", created: 1, assembly: assembly(nil, finish))
    #expect(answer.json["choices"]?.array?.first?["finish_reason"] == reason)
  }
}
