import Foundation
import Records
import Testing

@testable import Datasets

@Suite struct DatasetReaderTests {
  private func examine(_ text: String) -> (examples: [Example], problems: [String]) {
    let outcome = DatasetReader.examine(Data(text.utf8), file: "d.jsonl")
    return (outcome.examples, outcome.diagnostics.map(\.description))
  }

  private static let row = #"{"messages": [{"role": "user", "content": "Hi"}], "answer": 1}"#

  @Test func `messages and tools are taken and every other column is the item`() throws {
    let (examples, problems) = examine(
      #"{"id": "a", "messages": [{"role": "developer", "content": "Be brief"}, {"role": "user", "content": [{"type": "text", "text": "2+"}, {"type": "text", "text": "2?"}]}], "tools": [{"type": "function", "function": {"name": "add"}}], "answer": 4, "meta": {"x": [1]}}"#
    )
    #expect(problems.isEmpty)
    let example = try #require(examples.first)
    #expect(example.id == "a")
    #expect(example.messages.map(\.role) == [.developer, .user])
    #expect(example.messages[1].text == "2+2?")
    #expect(example.tools.count == 1)
    #expect(example.item.keys == ["id", "answer", "meta"])
    #expect(example.item["meta"]?["x"] == [1])
  }

  @Test func `a byte order mark, CRLF, blank lines and a missing last line end are taken as they come`() {
    let text = "\u{FEFF}" + Self.row + "\r\n\r\n  \n" + Self.row.replacing("Hi", with: "Ho") + "\r\n" + "bad"
    let (examples, problems) = examine(text)
    #expect(examples.map(\.messages[0].text) == ["Hi", "Ho"])
    #expect(problems == ["d.jsonl:5: error: the row is not JSON: expected a value, found 'b', at column 1"])
  }

  @Test(arguments: [
    ("[1]", "expected an object with 'messages', found a list"),
    ("{\"messages\": ", "the row is not JSON: expected a value, found the end of the text, at column 14"),
    ("{}", "messages: missing; expected a list of messages that ends in a user turn"),
    (
      #"{"prompt": "x"}"#,
      #"messages: missing; write the 'prompt' column as "messages": [{"role": "user", "content": ...}]"#
    ),
    (
      #"{"input": {"messages": []}, "preferred_output": []}"#,
      "messages: missing; this is a row of preferences (DPO). Rows for reinforcement have 'messages' at the top"
    ),
    (#"{"messages": "x"}"#, "messages: expected a list of messages, found a string"),
    (#"{"messages": []}"#, "messages: is an empty list; expected messages that end in a user turn"),
    (
      #"{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}"#,
      "messages[1].role: the last message is of role 'assistant', expected 'user'; put the known answer into a column of its own, which graders read as item.<column>"
    ),
    (
      #"{"messages": [{"role": "system", "content": "a"}]}"#,
      "messages[0].role: the last message is of role 'system', expected 'user'; the policy answers a user's turn"
    ),
    (
      #"{"messages": [{"role": "human", "content": "a"}]}"#,
      "messages[0].role: 'human' is not a role; expected one of system, developer, user, assistant, tool"
    ),
    (
      #"{"messages": [{"role": "user", "content": [{"type": "image_url"}]}]}"#,
      #"messages[0].content[0]: a content part of type 'image_url' is not supported; expected {"type": "text", "text": ...}"#
    ),
    (
      #"{"messages": [{"role": "user", "content": "a"}], "tools": {}}"#,
      "tools: expected a list of function definitions, found an object"
    ),
    (
      #"{"messages": [{"role": "user", "content": "a"}], "tools": [{"name": "f"}]}"#,
      #"tools[0]: expected {"type": "function", "function": {"name": ...}}, found an object without function.name"#
    ),
    (
      #"{"messages": [{"role": "user", "content": "a"}], "id": 1.5}"#,
      "id: expected text or a whole number, found a number"
    ),
    (
      #"{"messages": [{"role": "user", "content": "a"}], "id": ""}"#,
      "id: expected text or a whole number, found empty text"
    ),
  ])
  func `a bad row says what was found and what was expected`(line: String, message: String) {
    #expect(examine(line).problems == ["d.jsonl:1: error: \(message)"])
  }

  @Test func `all problems of all rows come at once, in order of lines`() {
    let bad =
      #"{"messages": [{"role": "x", "content": "a"}, {"role": "user"}, {"role": "assistant", "content": "c"}], "tools": 1, "id": []}"#
    let (examples, problems) = examine(
      [Self.row, bad, "nope", Self.row.replacing("Hi", with: "Ho")].joined(separator: "\n"))
    #expect(examples.count == 2)
    #expect(
      problems.map { $0.prefix(28) } == [
        "d.jsonl:2: error: messages[0", "d.jsonl:2: error: messages[1", "d.jsonl:2: error: messages[2",
        "d.jsonl:2: error: tools: exp", "d.jsonl:2: error: id: expect", "d.jsonl:3: error: the row is",
      ])
    #expect(throws: InvalidInput.self) { try DatasetReader.read(file: "/nowhere/at/all.jsonl") }
  }

  @Test func `ids of the file must differ and rows without one are told apart`() {
    let (_, problems) = examine(
      #"{"id": 7, "messages": [{"role": "user", "content": "a"}]}"# + "\n"
        + #"{"id": "7", "messages": [{"role": "user", "content": "b"}]}"#)
    #expect(problems == ["d.jsonl:2: error: id: '7' is also the id of line 1; ids must differ"])
    let (examples, warnings) = examine([Self.row, Self.row, Self.row].joined(separator: "\n"))
    #expect(warnings == ["d.jsonl: warning: 2 rows repeat an earlier one word for word; all are kept"])
    #expect(examples.map { $0.id.dropFirst(16) } == ["", "-2", "-3"])
  }

  @Test func `an id that is derived follows the content, not the order of keys or rows`() {
    let a = examine(#"{"messages": [{"role": "user", "content": "Hi"}], "x": 1, "y": 2}"#).examples[0].id
    #expect(
      examine(#"{"y": 2.0, "x": 1, "messages": [{"content": "Hi", "role": "user"}]}"#).examples[0].id == a)
    #expect(
      examine(#"{"messages": [{"role": "user", "content": "Hi"}], "x": 1, "y": 3}"#).examples[0].id != a)
    #expect(
      examine(
        #"{"messages": [{"role": "system", "content": "Hi"}, {"role": "user", "content": "Hi"}], "x": 1, "y": 2}"#
      ).examples[0].id != a)
  }

  @Test(arguments: ["", "\n\n", "\u{FEFF}"])
  func `a file without rows is an error`(text: String) {
    #expect(
      examine(text).problems == ["d.jsonl: error: the file has no rows; expected one JSON object a line"])
  }

  @Test func `a file that is not there or cannot be read says so`() throws {
    #expect(
      DatasetReader.examine(file: "/nowhere/x.jsonl").diagnostics.map(\.description) == [
        "/nowhere/x.jsonl: error: there is no such file"
      ])
    #expect(DatasetReader.examine(file: "/").diagnostics.count == 1)
  }

  @Test func `many chunks and many problems are read in order and listed up to a limit`() {
    var lines: [String] = []
    for index in 0..<9000 {
      lines.append(
        index % 3 == 0
          ? "bad"
          : #"{"messages": [{"role": "user", "content": "question number \#(index) of many, with some more text to fill chunks"}]}"#
      )
    }
    let (examples, problems) = examine(lines.joined(separator: "\n"))
    #expect(examples.count == 6000)
    #expect(
      examples.map(\.messages[0].text)
        == (0..<9000).filter { $0 % 3 != 0 }.map {
          "question number \($0) of many, with some more text to fill chunks"
        })
    #expect(problems.count == 1001)
    #expect(problems[999].hasPrefix("d.jsonl:\(999 * 3 + 1): error: "))
    #expect(problems[1000] == "d.jsonl: error: 2000 more problems are not listed; correct these first")
  }

  @Test func `random bytes give problems, never a trap`() {
    var random = SplitMix64(seed: 1)
    for length in 0..<500 {
      _ = DatasetReader.examine(
        Data((0..<length).map { _ in UInt8(truncatingIfNeeded: random.next()) }), file: "r")
    }
    let good = Array(Self.row.utf8)
    for _ in 0..<3000 {
      var bytes = good
      bytes[random.number(below: bytes.count)] = UInt8(truncatingIfNeeded: random.next())
      let outcome = DatasetReader.examine(Data(bytes), file: "r")
      #expect(outcome.examples.isEmpty != outcome.diagnostics.isEmpty)
    }
  }

  @Test func `an Example's row reads back as itself`() throws {
    let examples = try GeneratedDataset.supportReply.examples(rows: 50, seed: 3)
    let (back, problems) = examine(examples.jsonl)
    #expect(problems.isEmpty)
    #expect(back.map(\.id) == examples.map(\.id))
    #expect(back.map(\.messages) == examples.map(\.messages))
    // The id column is a column like any other.
    #expect(back.map { $0.item["topic"] } == examples.map { $0.item["topic"] })
    #expect(back[0].item["id"] == .string(examples[0].id))
  }
}

@Suite struct DatasetReportTests {
  @Test func `the report counts, measures and warns`() throws {
    let text = """
      {"messages": [{"role": "system", "content": "abc"}, {"role": "user", "content": "defg"}], "answer": 1, "only": true}
      {"messages": [{"role": "user", "content": "hi"}], "answer": "2"}
      {"messages": [{"role": "user", "content": "hi"}], "answer": 3}
      nonsense
      """
    let outcome = DatasetReader.examine(Data(text.utf8), file: "d.jsonl")
    let report = DatasetReport(file: "d.jsonl", examples: outcome.examples, diagnostics: outcome.diagnostics)
    #expect(report.rows == 3 && !report.isUsable)
    #expect(report.roles == [.init(role: .system, messages: 1), .init(role: .user, messages: 3)])
    #expect(
      report.columns == [
        .init(name: "answer", rows: 3, kinds: ["a number", "a string"]),
        .init(name: "only", rows: 1, kinds: ["a boolean"]),
      ])
    #expect(report.repeatedPrompts == 1)
    let spread = try #require(report.promptCharacters)
    #expect((spread.least, spread.median, spread.percentile95, spread.most) == (2, 2, 7, 7))
    #expect(spread.mean == 11.0 / 3)
    #expect(
      report.diagnostics.dropFirst().map(\.description) == [
        "d.jsonl: warning: only: 2 of 3 rows lack this column; a grader that reads item.only fails on them",
        "d.jsonl: warning: answer: holds a number in some rows, a string in others; expected one kind",
        "d.jsonl: warning: messages: 1 row's prompt repeats an earlier one's",
      ])
    #expect(report.json["problems"]?.array?.count == 4)
    #expect(report.json["prompt_characters"]?["median"] == 2)
    #expect(try JSONValue(parsing: report.json.serialised()) == report.json)
  }

  @Test func `the report of a missing file is a report`() {
    let report = DatasetReport(file: "/nowhere/x.jsonl")
    #expect(!report.isUsable && report.rows == 0 && report.promptCharacters == nil)
  }
}
