import Records
import Testing

@testable import Graders

@Suite struct TemplateTests {
  static let item = """
    {"answer": 42, "share": 0.5, "name": "Ann", "ok": true, "none": null, "list": [1, {"k": "v"}], "a-b": "dash",
     "meta": {"answer": "deep"}}
    """

  private func render(_ source: String, _ text: String = "out") throws -> String? {
    let sample = GradingSample(
      outputText: text, item: try JSONValue(parsing: Self.item).object ?? JSONObject(), exampleID: "row-1",
      toolCalls: [ToolCall(id: "c", name: "look_up", arguments: "{}")], messages: [Message(.user, "Hi")])
    return switch try Template(parsing: source).render(sample) {
    case .text(let text): text
    case .answerLacks: nil
    }
  }

  @Test(arguments: [
    ("plain", "plain"), ("", ""), ("{{item.answer}}", "42"), ("{{ item.share }}", "0.5"),
    ("Dear {{item.name}},", "Dear Ann,"), ("{{item.ok}}{{item.none}}", "truenull"),
    ("{{item.list[0]}}", "1"), ("{{item.list[1].k}}", "v"), ("{{item.list}}", #"[1,{"k":"v"}]"#),
    ("{{item.meta.answer}}", "deep"), ("{{item.a-b}}", "dash"), ("{{sample.output_text}}!", "out!"),
    ("{{sample.output_tools[0].function.name}}", "look_up"), ("{{item.messages[0].content}}", "Hi"),
    ("{ {{item.name}} }", "{ Ann }"), ("}}", "}}"),
  ])
  func `variables are filled in, and values that are not text are written as JSON`(
    source: String, expected: String
  ) throws {
    #expect(try render(source) == expected)
  }

  @Test func `the answer's JSON is read when it is JSON from end to end`() throws {
    #expect(try render("{{sample.output_json.a[1]}}", " {\"a\": [1, 2.5]} ") == "2.5")
    #expect(try render("{{sample.output_json}}", "17") == "17")
    #expect(try render("{{sample.output_json.a}}", "Here: {\"a\": 1}") == nil)
    #expect(try render("{{sample.output_json.b}}", "{\"a\": 1}") == nil)
    #expect(try render("{{sample.output_tools[1].id}}") == nil)
  }

  @Test(arguments: [
    (
      "{{item.anwser}}",
      "the row 'row-1' has no item.anwser: item has answer, share, name, ok, none, list, a-b, meta; add the column or correct the template"
    ),
    (
      "{{item.list[2]}}",
      "the row 'row-1' has no item.list[2]: item.list has 2 elements; add the column or correct the template"
    ),
    (
      "{{item.name.first}}",
      "the row 'row-1' has no item.name.first: item.name is a string; add the column or correct the template"
    ),
  ])
  func `what the row lacks is an invalid variable`(source: String, message: String) {
    #expect(throws: GradeFailure(.invalidVariable, message)) { try render(source) }
  }

  @Test(arguments: [
    ("{{item.a", "'{{' is not closed by '}}' in '{{item.a'"),
    (
      "{{itme.a}}",
      "'{{itme.a}}' starts with 'itme'; a variable starts with item or sample; did you mean 'item'?"
    ),
    ("{{x}}", "'{{x}}' starts with 'x'; a variable starts with item or sample"),
    ("{{}}", "'{{}}' starts with ''; a variable starts with item or sample"),
    ("{{item}}", "'{{item}}' names no column; write {{item.<column>}}"),
    ("{{sample}}", "'{{sample}}' names no part of the sample; it has output_text, output_json, output_tools"),
    (
      "{{sample.output_txt}}",
      "sample has no 'output_txt'; it has output_text, output_json, output_tools; did you mean 'output_text'?"
    ),
    (
      "{{sample.output_text.a}}",
      "'{{sample.output_text.a}}' looks inside sample.output_text, which is text; use sample.output_json"
    ),
    (
      "{{item.a|upper}}",
      "'{{item.a|upper}}': unexpected '|'; a variable is names joined by '.', and '[n]' for list elements"
    ),
    ("{{item..a}}", "'{{item..a}}': expected a name after '.', found '.'"),
    ("{{item.}}", "'{{item.}}': expected a name after '.', found the end"),
    ("{{item.a[x]}}", "'{{item.a[x]}}': expected a number and ']' after '['"),
    (
      "{{item.a[99999999999999999999]}}",
      "'{{item.a[99999999999999999999]}}': expected a number and ']' after '['"
    ),
  ])
  func `a template that cannot be read says why`(source: String, message: String) {
    #expect(throws: TemplateError(message)) { try Template(parsing: source) }
  }

  @Test func `random text never traps`() {
    var random = SplitMix64(seed: 6)
    let alphabet = [
      "{", "}", "{{", "}}", "item", "sample", ".", "[", "]", "0", "a", " ", "\u{301}", "output_json",
    ]
    for round in 0..<3000 {
      _ = try? render(randomText(&random, alphabet: alphabet, length: round % 25))
    }
  }
}
