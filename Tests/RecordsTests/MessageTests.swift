import Foundation
import Records
import Testing

/// Messages in the shape of chat completions.
@Suite struct MessageTests {
  @Test(arguments: [
    #"{"role":"user","content":"Hello."}"#,
    #"{"role":"developer","content":""}"#.replacing(#""""#, with: #""Be brief.""#),
    #"{"role":"user","content":[{"type":"text","text":"a"},{"type":"text","text":"b"}]}"#,
    #"{"role":"tool","content":"4","tool_call_id":"c1"}"#,
    #"{"role":"assistant","content":"x","name":"n"}"#,
    #"{"role":"assistant","content":null,"tool_calls":[{"id":"c1","type":"function","function":{"name":"add","arguments":"{\"a\": 1}"}}]}"#,
  ])
  func `a message is written as it was read`(text: String) throws {
    #expect(try Message(json: JSONValue(parsing: text)).json.serialised() == text)
  }

  @Test func `parts are joined to the text a person reads`() throws {
    let json = try JSONValue(
      parsing: #"{"role":"user","content":[{"type":"input_text","text":"a"},{"type":"text","text":"b"}]}"#)
    #expect(try Message(json: json).text == "ab")
  }

  @Test func `arguments given as an object become text in the order they were written`() throws {
    let json = try JSONValue(
      parsing: #"{"role":"assistant","tool_calls":[{"function":{"name":"f","arguments":{"z":1,"a":2.0}}}]}"#)
    let call = try #require(try Message(json: json).toolCalls.first)
    #expect(call == ToolCall(id: "", name: "f", arguments: #"{"z":1,"a":2.0}"#))
  }

  @Test(arguments: [
    (#""hello""#, "m", "m: expected a message object, found a string"),
    ("{}", "m", "m.role: expected a role, found none"),
    (#"{"role":7}"#, "m", "m.role: expected a role, found a number"),
    (
      #"{"role":"bot","content":"x"}"#, "m",
      "m.role: 'bot' is not a role; expected one of system, developer, user, assistant, tool"
    ),
    (#"{"role":"user"}"#, "m", "m.content: expected text, found none"),
    (#"{"role":"user","content":5}"#, "m", "m.content: expected text or a list of parts, found a number"),
    (
      #"{"role":"user","content":[{"type":"text","text":"a"},{"type":"image_url"}]}"#, "m",
      #"m.content[1]: a content part of type 'image_url' is not supported; expected {"type": "text", "text": ...}"#
    ),
    (
      #"{"role":"assistant","tool_calls":[{"id":"x"}]}"#, "m",
      "m.tool_calls[0]: expected a tool call with function.name"
    ),
  ])
  func `a message of another shape is an error that names the place`(
    text: String, path: String, expected: String
  ) throws {
    let json = try JSONValue(parsing: text)
    let error = try #require(throws: ShapeError.self) { try Message(json: json, path: path) }
    #expect(error.description == expected)
  }

  @Test func `messages travel through Foundation's coders`() throws {
    let messages = [
      Message(.system, "s"), Message(role: .assistant, content: [.text("a"), .text("b")]),
      Message(
        role: .assistant, content: [], toolCalls: [ToolCall(id: "1", name: "f", arguments: "{}")]),
      Message(role: .tool, content: [.text("ok")], toolCallID: "1", name: "f"),
    ]
    let data = try JSONEncoder().encode(messages)
    #expect(try JSONDecoder().decode([Message].self, from: data) == messages)
  }

  @Test func `a grade is written as a reward or as a failure and never as both`() throws {
    let reward = try JSONEncoder().encode(Grade.Outcome.reward(0.75))
    #expect(String(decoding: reward, as: UTF8.self) == #"{"reward":0.75}"#)
    let failure = GradeFailure(.pythonRuntime, "it broke", grader: "g")
    let failed = try JSONEncoder().encode(Grade.Outcome.failed(failure))
    #expect(try JSONValue(parsing: Array(failed))["failed"]?["kind"] == "python_grader_runtime_error")
    #expect(try JSONDecoder().decode(Grade.Outcome.self, from: failed) == .failed(failure))
    #expect(Grade(.failed(failure)).reward == nil)
    #expect(throws: (any Error).self) { try JSONDecoder().decode(Grade.Outcome.self, from: Data("{}".utf8)) }
  }
}
