import Testing

@testable import Inference

struct ToolCallParserTests {
  struct Call: Sendable, Equatable {
    let name: String
    var arguments = ""
    init(_ name: String, _ arguments: String = "") {
      self.name = name
      self.arguments = arguments
    }
  }
  struct Case: Sendable, CustomTestStringConvertible {
    let syntax: ToolCallSyntax, text: String, said: String
    let calls: [Call]
    init(_ syntax: ToolCallSyntax, _ text: String, said: String = "", _ calls: Call...) {
      self.syntax = syntax
      self.text = text
      self.said = said
      self.calls = calls
    }
    var testDescription: String { "\(syntax): \(text)" }
  }

  static let cases = [
    Case(.tagged, "Just words.", said: "Just words."),
    Case(
      .tagged, "<tool_call>\n{\"name\": \"add\", \"arguments\": {\"a\": 1, \"b\": [2]}}\n</tool_call>",
      Call("add", "{\"a\": 1, \"b\": [2]}")),
    Case(
      .tagged,
      "Let me see.\n<tool_call>{\"name\":\"add\",\"arguments\":{}}</tool_call>\n"
        + "<tool_call>{\"name\":\"look\",\"arguments\":{\"q\":\"<tool_call> \\\"x\\\" ü\"}}</tool_call>",
      said: "Let me see.", Call("add", "{}"), Call("look", "{\"q\":\"<tool_call> \\\"x\\\" ü\"}")),
    // Arguments before the name wait for it.
    Case(
      .tagged, "<tool_call>{\"arguments\": {\"a\": 1}, \"name\": \"add\"}</tool_call>",
      Call("add", "{\"a\": 1}")),
    Case(.tagged, "<tool_call>{\"name\": \"now\"}</tool_call>done", said: "done", Call("now", "{}")),
    Case(.tagged, "<tool_call>{\"name\": \"now\", \"arguments\": null}</tool_call>", Call("now", "{}")),
    Case(
      .tagged, "<tool_call>{\"name\": \"add\", \"arguments\": \"{\\\"a\\\": 1}\"}</tool_call>",
      Call("add", "{\"a\": 1}")),
    // A line end inside of a string goes out as JSON wants it.
    Case(
      .tagged, "<tool_call>{\"name\": \"say\", \"arguments\": {\"t\": \"a\nb\"}}</tool_call>",
      Call("say", "{\"t\": \"a\\u000ab\"}")),
    // Malformed before the arguments have begun: text.
    Case(.tagged, "<tool_call>{name: 1}</tool_call>", said: "<tool_call>{name: 1}</tool_call>"),
    Case(.tagged, "<tool_call>add(1)</tool_call>", said: "<tool_call>add(1)</tool_call>"),
    Case(
      .tagged, "<tool_call>[1]</tool_call> and <tool_call>{\"name\": \"add\", \"arguments\": {}}</tool_call>",
      said: "<tool_call>[1]</tool_call> and", Call("add", "{}")),
    Case(.tagged, "<tool_call>{\"nam", said: "<tool_call>{\"nam"),
    Case(.tagged, "x < y <tool", said: "x < y <tool"),
    Case(
      .tagged, "<tool_call>{\"arguments\": {\"a\": 1}}</tool_call>",
      said: "<tool_call>{\"arguments\": {\"a\": 1}}</tool_call>"),
    // Cut off by the limit of tokens, or broken later: as far as it was told.
    Case(.tagged, "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1", Call("add", "{\"a\": 1")),
    Case(
      .tagged, "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": x}}</tool_call>ok", said: "ok",
      Call("add", "{\"a\": x}}")),
    Case(.tagged, "{\"name\": \"add\", \"arguments\": {}}", said: "{\"name\": \"add\", \"arguments\": {}}"),
    Case(.llama, "{\"name\": \"add\", \"parameters\": {\"a\": 1}}", Call("add", "{\"a\": 1}")),
    Case(
      .llama, "<|python_tag|>{\"type\": \"function\", \"name\": \"add\", \"parameters\": {\"a\": -1.5e3}}",
      Call("add", "{\"a\": -1.5e3}")),
    Case(
      .llama, "{\"name\": \"add\", \"parameters\": {}}; {\"name\": \"look\", \"parameters\": {}}",
      Call("add", "{}"), Call("look", "{}")),
    Case(
      .llama, "{\"name\": \"unknown\", \"parameters\": {}}",
      said: "{\"name\": \"unknown\", \"parameters\": {}}"),
    Case(.llama, "{\"answer\": 4, \"name\": \"add\"}", said: "{\"answer\": 4, \"name\": \"add\"}"),
    Case(.llama, "It is {\"name\": \"add\"}", said: "It is {\"name\": \"add\"}"),
    Case(.generic, "{\"name\": \"add\", \"arguments\": {\"a\": 1}}", Call("add", "{\"a\": 1}")),
    Case(
      .generic, "<tool_call>{\"name\": \"add\", \"arguments\": {\"a\": 1}}</tool_call>",
      Call("add", "{\"a\": 1}")),
    Case(.generic, "{ \"answer\": 1 }", said: "{ \"answer\": 1 }"),
    Case(.generic, "  ", said: "  "),
  ]

  @Test(arguments: cases)
  func `calls and text are told apart, however the answer is cut`(_ example: Case) {
    for cut in Cuts.of(example.text) {
      var parser = ToolCallParser(example.syntax, names: ["add", "look", "now", "say"])
      var said = ""
      var calls: [Call] = []
      var ended = 0
      for piece in cut.flatMap({ parser.push($0) }) + parser.finish() {
        switch piece {
        case .text(let text): said += text
        case .began(let name): calls.append(Call(name))
        case .arguments(let text): calls[calls.count - 1].arguments += text
        case .ended: ended += 1
        }
      }
      #expect(said == example.said, "\(cut)")
      #expect(calls == example.calls, "\(cut)")
      #expect(ended == calls.count, "\(cut)")
    }
  }

  @Test func `arguments go out while they are written`() {
    var parser = ToolCallParser(.tagged, names: ["say"])
    #expect(parser.push("<tool_call>{\"name\": \"say\", \"argu") == [])
    #expect(parser.push("ments\": {\"t\"") == [.began(name: "say"), .arguments("{\"t\"")])
    #expect(parser.push(": \"hel") == [.arguments(": \"hel")])
    #expect(parser.push("lo\"}}") == [.arguments("lo\"}"), .ended])
  }

  @Test(arguments: [
    ("{% if tools %}<tool_call>{% endif %}", ToolCallSyntax.tagged),
    ("{% if tools %}{\"name\": x, \"parameters\": y}{% endif %}", .llama), ("{{ messages }}", .generic),
  ])
  func `a template tells how its model writes calls`(_ template: String, _ syntax: ToolCallSyntax) {
    #expect(ToolCallSyntax(template: template) == syntax)
  }
}
