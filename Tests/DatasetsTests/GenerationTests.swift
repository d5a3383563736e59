import Records
import Testing

@testable import Datasets

@Suite struct GenerationTests {
  @Test(arguments: GeneratedDataset.allCases)
  func `rows are distinct, seeded, and more begin with the fewer`(dataset: GeneratedDataset) throws {
    let rows = try dataset.examples(rows: 1500, seed: 1)
    #expect(Set(rows.map { $0.messages[0].text }).count == 1500)
    #expect(Set(rows.map(\.id)).count == 1500)
    #expect(try dataset.examples(rows: 1500, seed: 1) == rows)
    #expect(try dataset.examples(rows: 600, seed: 1) == Array(rows.prefix(600)))
    let other = try dataset.examples(rows: 600, seed: 2)
    #expect(other.map(\.messages) != rows.prefix(600).map(\.messages))
    #expect(
      rows.allSatisfy {
        $0.messages.count == 1 && $0.messages[0].role == .user && !$0.messages[0].text.contains("{")
      })
  }

  @Test func `a support mail names its customer and order, and topics vary`() throws {
    let rows = try GeneratedDataset.supportReply.examples(rows: 1000, seed: 1)
    for row in rows {
      let text = row.messages[0].text
      let name = try #require(row.item["customer_name"]?.string)
      let order = try #require(row.item["order_id"]?.string)
      let product = try #require(row.item["product"]?.string)
      #expect(text.hasSuffix(name) && text.contains(order) && text.contains(product))
      #expect(text.utf8.count < 330 && text.utf8.count > 40)
      #expect(order.count == 5)
    }
    #expect(Set(rows.map { $0.item["topic"] }).count == SupportTopic.all.count)
    #expect(Set(rows.map { $0.item["customer_name"] }).count > 60)
  }

  @Test func `phrases fit any product: no doubled article, no blank left over`() throws {
    for row in try GeneratedDataset.supportReply.examples(rows: 1000, seed: 2) {
      let text = row.messages[0].text
      #expect(
        !text.contains("  ") && !text.contains(" a the ") && !text.contains("{") && !text.contains(" ."))
    }
  }

  @Test func `a word question asks for one other word`() throws {
    let rows = try GeneratedDataset.wordQuestions.examples(rows: 1000, seed: 1)
    for row in rows {
      let word = try #require(row.item["word"]?.string)
      let answer = try #require(row.item["answer"]?.string)
      let kind = try #require(row.item["kind"]?.string)
      #expect(row.messages[0].text.contains("'\(word)'"))
      #expect(answer != word && answer.allSatisfy { $0.isLowercase && $0.isASCII })
      #expect(row.messages[0].text.contains("plural") == (kind == "plural"))
    }
    let plurals = rows.count { $0.item["kind"]?.string == "plural" }
    #expect((300..<500).contains(plurals))
    // A word has one answer, or the model would be taught that it does not matter.
    let answers = Dictionary(grouping: rows) {
      "\($0.item["kind"]?.string ?? "") \($0.item["word"]?.string ?? "")"
    }
    #expect(answers.values.allSatisfy { Set($0.map { $0.item["answer"] }).count == 1 })
  }

  @Test func `an arithmetic answer is what its numbers come to`() throws {
    let rows = try GeneratedDataset.arithmetic.examples(rows: 2000, seed: 1)
    var kinds: [String: Int] = [:]
    for row in rows {
      let text = row.messages[0].text
      let answer = try #require(row.item["answer"]?.integer)
      let steps = try #require(row.item["steps"]?.integer)
      kinds["\(row.item["kind"]?.string ?? "")\(steps)", default: 0] += 1
      #expect((0...120).contains(answer))
      #expect(text.contains("'Answer:' and the number"))
      #expect(Self.value(of: text) == answer, "\(text)")
    }
    #expect(kinds.keys.sorted() == ["story1", "story2", "sum1", "sum2"])
    #expect(kinds.values.allSatisfy { $0 > 200 })
  }

  /// Works a task out again from its words.
  private static func value(of text: String) -> Int? {
    let numbers = text.split { !$0.isASCII || !$0.isNumber }.compactMap { Int($0) }
    guard let a = numbers.first, numbers.count > 1 else { return nil }
    let b = numbers[1]
    let c = numbers.count > 2 ? numbers[2] : nil
    if text.contains(" * ") { return a * b + (c ?? 0) }
    if text.contains(" + ") { return a + b - (c ?? 0) }
    if text.contains(" - ") { return a - b }
    if text.contains("dollars each") { return c.map { $0 - a * b } }
    if text.contains(" each") { return a * b + (c ?? 0) }
    if text.contains("and then") { return c.map { a + b - $0 } }
    if text.contains("are left") { return a - b }
    return a + b
  }

  @Test func `a text to extract from names its keys and holds every value`() throws {
    let rows = try GeneratedDataset.jsonExtraction.examples(rows: 3000, seed: 1)
    for row in rows {
      let text = row.messages[0].text
      let answer = try #require(row.item["answer"]?.object)
      #expect((4...6).contains(answer.count))
      #expect(
        text.utf8.count < 330 && !text.contains("  ") && !text.contains("{") && !text.contains("}"), "\(text)"
      )
      for (key, value) in answer.members {
        let value = value.string ?? value.serialised()
        #expect(text.contains(key) && text.contains(value), "\(key): \(value) in \(text)")
      }
    }
    #expect(Set(rows.map { $0.item["kind"] }).count == ExtractionKind.all.count)
  }

  @Test func `a function's tests are calls with more than one result, hidden from the prompt`() throws {
    let rows = try GeneratedDataset.codeFunctions.examples(rows: 4000, seed: 1)
    for row in rows {
      let text = row.messages[0].text
      let name = try #require(row.item["entry_point"]?.string)
      let tests = try #require(row.item["tests"]?.array).compactMap(\.string)
      #expect(tests.count == 5 && Set(tests).count == 5, "\(tests)")
      #expect(tests.allSatisfy { $0.hasPrefix("assert \(name)(") && $0.contains(") == ") })
      // A constant passes three of the five at most.
      let results = tests.compactMap { $0.split(separator: " == ").last }
      #expect(results.allSatisfy { result in results.count { $0 == result } <= 3 }, "\(tests)")
      #expect(text.contains("def \(name)(") && !text.contains("{") && text.utf8.count < 330, "\(text)")
      #expect(tests.allSatisfy { !text.contains($0.dropFirst(7)) })
    }
    #expect(CodeFamily.all.count >= 40)
    #expect(Set(rows.map { $0.item["family"] }).count >= 40)
  }

  /// Whether what we take for the result is what Python makes of a solution.
  @Test(.enabled(if: Python.isInstalled)) func `every solution passes its tests in Python`() throws {
    let rows = try GeneratedDataset.codeFunctions.examples(rows: 4000, seed: 3)
    let program = rows.map { row in
      let tests = (row.item["tests"]?.array ?? []).compactMap(\.string).joined(separator: "\n")
      return "\(row.item["solution"]?.string ?? "")\n\(tests)\n"
    }.joined(separator: "\n")
    #expect(try Python.run(program + "\nprint('passed')\n").hasSuffix("passed\n"))
  }

  @Test func `more rows than there are is a problem, as is none`() {
    let many = #expect(throws: InvalidInput.self) {
      try GeneratedDataset.arithmetic.examples(rows: 0, seed: 1)
    }
    #expect(many?.description == "error: data.generate.rows: 0 rows were asked for; ask for at least 1")
  }
}
