import Gateway
import Inference
import Records
import Testing

@testable import OpenAIShape

struct ResponseAssemblyTests {
  private static let report = ChoiceReport(completionTokens: 2, reasoningTokens: 1, tokens: [1, 2])

  private static func events(_ given: [AnswerEvent]) -> (ResponseAssembly, [ResponseAssembly.Event]) {
    let options = WireOptions(FieldReader(JSONObject(), problems: RequestProblems()))
    var assembly = ResponseAssembly(options)
    let events = given.flatMap { assembly.take($0) }
    return (assembly, events)
  }

  @Test func `thoughts are parts of their item, in events that clients know`() {
    let (assembly, events) = Self.events([
      .reasoning(choice: 0, "Well"), .text(choice: 0, "Yes", tokens: []),
      .ended(choice: 0, .stop, Self.report),
    ])
    #expect(
      events.map(\.type) == [
        "response.output_item.added", "response.content_part.added", "response.reasoning_text.delta",
        "response.reasoning_text.done", "response.content_part.done", "response.output_item.done",
        "response.output_item.added", "response.content_part.added", "response.output_text.delta",
        "response.output_text.done", "response.content_part.done", "response.output_item.done",
      ])
    let parts = events.compactMap { $0.members["part"]?["type"]?.string }
    #expect(parts == ["reasoning_text", "reasoning_text", "output_text", "output_text"])
    #expect(assembly.output.map { $0["status"] } == ["completed", "completed"])
  }

  @Test func `an item that is cut off by length is incomplete, what was whole before it is not`() {
    let (assembly, events) = Self.events([
      .reasoning(choice: 0, "Well"), .text(choice: 0, "Ye", tokens: []),
      .ended(choice: 0, .length, Self.report),
    ])
    #expect(assembly.output.map { $0["status"] } == ["completed", "incomplete"])
    #expect(assembly.output.last?["content"]?.array?.first?["text"] == "Ye")
    #expect(events.last?.members["item"]?["status"] == "incomplete")
  }

  @Test func `what was asked is a list of items with ids`() throws {
    let body =
      #"{"model": "m", "input": [{"role": "user", "content": "Hi"}, {"type": "reasoning", "id": "rs_1", "#
      + #""content": []}, {"role": "assistant", "content": "Yes"}]}"#
    let items = try ResponseRequest(try #require(try JSONValue(parsing: body).object)).input
    #expect(items.map { $0["type"] } == ["message", "reasoning", "message"])
    #expect(items.allSatisfy { $0["id"]?.string?.isEmpty == false })
    #expect(items[1]["id"] == "rs_1")
    #expect(items[0]["content"] == [["type": "input_text", "text": "Hi"]])
    #expect(items[2]["content"] == [["type": "output_text", "text": "Yes"]])
  }
}
