import Records
import Testing

@testable import Graders

@Suite struct JSONGraderTests {
  private func grader(_ fields: String) throws -> any Grader {
    try compiled(#"{"type": "json", \#(fields)}"#)
  }

  @Test(
    arguments: [
      ("whole", #" {"a": 1} "#, 1), ("whole", #"{"a": 1} ok"#, 0), ("whole", "{'a': 1}", 0),
      ("whole", "[1, 2]", 1),
      ("whole", "", 0), ("whole", "NaN", 0), ("whole", #"{"a": 1,}"#, 0),
      ("first_block", "Here:\n```json\n{\"a\": 1}\n```\nbye", 1), ("first_block", #"{"a": 1}"#, 0),
      ("first_block", "```python\nx = 1\n```\n```\n{\"a\": 1}\n```", 1),
      ("first_block", "```json\nno\n```\n```json\n{\"a\": 1}\n```", 0),
      ("last_block", "```json\nno\n```\n```json\n{\"a\": 1}\n```", 1),
      ("last_block", "```json\n{\"a\": 1}", 1),
      ("last_block", "````json\n```\n````", 0), ("first_object", #"Sure! {"a": {"b": "}"}} and {"c": 2}"#, 1),
      ("first_object", "use {name} then {\"a\": 1}", 1), ("first_object", "{ {\"a\": 1}", 1),
      ("first_object", "[1]", 0), ("first_object", #"{"a": 1"#, 0),
    ] as [(String, String, Double)])
  func `what is read is what the definition says`(take: String, text: String, reward: Double) async throws {
    let grade = try await grader(#""take": "\#(take)""#).grade(text)
    #expect(grade.reward == reward)
    #expect(grade.metrics["answer_found"] == reward)
    #expect(grade.metrics["sample_parse_error"] == (reward == 1 ? nil : 1))
    #expect(grade.subRewards == [.init("parses", reward)])
  }

  @Test func `finding an object in a long text of open braces takes linear time`() async throws {
    // In quadratic time this would not end.
    let text = String(repeating: "{\"a", count: 300_000)
    #expect(try await grader(#""take": "first_object""#).reward(text) == 0)
  }

  @Test func `the parts are weighted, and the last one counts alone without weights`() async throws {
    let parts = #""schema": {"required": ["total"]}, "reference": "{{item.answer}}""#
    let item = #"{"answer": {"total": 7, "name": "Ann"}}"#
    let plain = try grader(parts)
    let weighted = try grader(parts + #", "weights": {"parses": 1, "schema": 1, "fields": 2}"#)
    let cases: [(String, Double, Double)] = [
      (#"{"total": 7, "name": "Ann"}"#, 1, 1), (#"{"total": 7, "name": "Bob"}"#, 0.5, 0.75),
      (#"{"name": "Ann"}"#, 0.5, 0.5), ("[]", 0, 0.5), ("prose", 0, 0),
    ]
    for (text, last, all) in cases {
      #expect(try await plain.reward(text, item: item) == last, "\(text)")
      #expect(try await weighted.reward(text, item: item) == all, "\(text)")
    }
    let grade = try await weighted.grade(#"{"name": "Ann"}"#, item: item)
    #expect(
      grade.subRewards == [
        .init("parses", 1), .init("schema", 0), .init("fields", 0.5), .init("fields/total", 0),
        .init("fields/name", 1),
      ])
    #expect(grade.outputTail == "lacks total")
    let gated = try grader(parts + #", "require_schema": true"#)
    #expect(try await gated.reward(#"{"name": "Ann"}"#, item: item) == 0)
    // Parts that an answer never gets to are there all the same, so that their means are over all answers.
    #expect(try await weighted.grade("prose", item: item).subRewards.map(\.value) == [0, 0, 0, 0, 0])
  }

  @Test(
    arguments: [
      // rule, reference, answer, score
      (#""exact""#, "1", "1.0", 1), (#""exact""#, #""a""#, #""A""#, 0), (#""exact""#, "[1, 2]", "[2, 1]", 0),
      (#""exact""#, "null", "null", 1), (#""exact""#, "true", "1", 0),
      (#""text""#, #""Ann Lee""#, #"" ann  lee ""#, 1),
      (#""text""#, #""5""#, "5", 1), (#""text""#, "5", "5.0", 1), (#""text""#, #""a""#, #"["a"]"#, 0),
      (#""number""#, "12.5", #""12.50 dollars""#, 1), (#""number""#, "12.5", "12.4", 0),
      (#""number""#, "3", #""3 or 4""#, 0),
      (#"{"rule": "number", "tolerance_absolute": 0.1}"#, "12.5", "12.4", 1),
      (#"{"rule": "number", "tolerance_relative": 0.01}"#, #""200""#, "203", 0),
      (#""date""#, #""2026-03-12""#, #""12 March 2026""#, 1),
      (#""date""#, #""2026-03-12""#, #""March 13, 2026""#, 0),
      (#"{"rule": "date", "tolerance_days": 1}"#, #""2026-02-28""#, #""March 1st, 2026""#, 1),
      (#"{"rule": "date", "days_first": true}"#, #""2026-03-12""#, #""12/03/2026""#, 1),
      (#""set""#, #"["a", "b"]"#, #"["B", "a", "a"]"#, 1), (#""set""#, #"["a", "b"]"#, #"["a", "c"]"#, 0.5),
      (#""set""#, #"["a", "b", "c"]"#, #"["a"]"#, 0.5), (#""set""#, "[]", "[]", 1),
      (#""set""#, "[]", "[1]", 0),
      (#""set""#, #"["a"]"#, #""a""#, 0), (#""list""#, "[1, 2, 3]", "[3, 2, 1]", 1.0 / 3),
      (#""list""#, "[1, 2, 3, 4]", "[1, 3, 4, 5]", 0.75), (#""list""#, "[1, 1]", "[1]", 2.0 / 3),
    ] as [(String, String, String, Double)])
  func `a field is compared by its rule`(rule: String, reference: String, answer: String, score: Double)
    async throws
  {
    let grader = try grader(#""reference": "{{item.r}}", "fields": {"x": \#(rule)}"#)
    let grade = try await grader.grade(#"{"x": \#(answer)}"#, item: #"{"r": {"x": \#(reference)}}"#)
    #expect(grade.reward == score, "\(rule) \(reference) \(answer)")
    // A field that is not there is never right.
    #expect(try await grader.reward("{}", item: #"{"r": {"x": \#(reference)}}"#) == 0)
  }

  @Test func `weights, nested fields, others and extras make the score`() async throws {
    let item = #"{"r": {"id": 7, "customer": {"name": "Ann", "city": "Oslo"}, "note": "x"}}"#
    let plain = try grader(
      #""reference": "{{item.r}}", "fields": {"customer.name": {"rule": "text", "weight": 2}, "note": "ignore"}"#
    )
    let cases: [(String, Double)] = [
      (#"{"id": 7, "customer": {"name": "ann", "city": "Oslo"}}"#, 1),
      (#"{"id": 7, "customer": {"name": "ann"}}"#, 0.75),
      (#"{"id": 8, "customer": {"name": "ann", "city": "oslo"}}"#, 0.5),
      // Two extras, one of them inside: 4 of 6.
      (#"{"id": 7, "customer": {"name": "ann", "city": "Oslo", "zip": 1}, "more": 1}"#, 4.0 / 6),
      (#"{"id": 7, "customer": "ann"}"#, 0.25),
    ]
    for (text, score) in cases { #expect(try await plain.reward(text, item: item) == score, "\(text)") }
    let grade = try await plain.grade(cases[3].0, item: item)
    #expect(
      grade.subRewards.map(\.name) == [
        "parses", "fields", "fields/id", "fields/customer.name", "fields/customer.city",
      ])
    #expect(grade.metrics["extra_fields"] == 2)
    let forbidding = try grader(
      #""reference": "{{item.r}}", "extra_fields": "forbid", "other_fields": "ignore", "fields": {"id": "exact"}"#
    )
    #expect(try await forbidding.reward(#"{"id": 7, "note": ""}"#, item: item) == 1)
    #expect(try await forbidding.reward(#"{"id": 7, "more": 1}"#, item: item) == 0)
    let ignoring = try grader(
      #""reference": "{{item.r}}", "extra_fields": "ignore", "other_fields": "ignore", "fields": {"id": "exact"}"#
    )
    #expect(try await ignoring.reward(#"{"id": 7, "more": 1}"#, item: item) == 1)
  }

  @Test func `a row's reference that lacks a field or has another kind is a failure`() async throws {
    let grader = try grader(
      #""reference": "{{item.r}}", "fields": {"x": "date", "y": {"rule": "text", "optional": true}}"#)
    let cases: [(String, String?)] = [
      (#"{"r": {"x": "2026-01-01"}}"#, nil),
      (
        #"{"r": {"y": "a"}}"#,
        "the field 'x' of the reference is not there; add it to the data or mark the rule 'optional: true'"
      ),
      (#"{"r": {"x": "soon"}}"#, "the reference has \"soon\" at 'x'; expected a date such as \"2026-03-12\""),
      (#"{"r": "text"}"#, "the reference {{item.r}} is 'text'; expected a JSON object"),
      ("{}", "the item has no item.r: item is empty; add the column or correct the template"),
    ]
    for (item, message) in cases {
      for answer in [#"{"x": "2026-01-01"}"#, "prose"] {
        let failure = try await grader.grade(answer, item: item).failure
        if let message {
          #expect(failure?.kind == .invalidVariable)
          #expect(
            failure?.message.hasPrefix(message) == true,
            "\(failure?.message ?? "none")")
        } else {
          #expect(failure == nil)
        }
      }
    }
    // An optional field that the reference lacks must be absent or null.
    let item = #"{"r": {"x": "2026-01-01"}}"#
    #expect(try await grader.reward(#"{"x": "2026-01-01"}"#, item: item) == 1)
    #expect(try await grader.reward(#"{"x": "2026-01-01", "y": null}"#, item: item) == 1)
    #expect(try await grader.reward(#"{"x": "2026-01-01", "y": "a"}"#, item: item) == 0.5)
  }

  @Test(
    arguments: [
      (
        #""take": "block""#,
        ["grader.take: 'block' is not one of whole, first_block, last_block, first_object"]
      ),
      (
        #""schema": {"type": "objekt"}"#,
        [
          "grader.schema.type: \"objekt\" is not one of null, boolean, integer, number, string, array, object; did you mean 'object'?"
        ]
      ),
      (
        #""schema": {"properti": {}}"#,
        [
          "warning: grader.schema.properti: JSON Schema has no keyword 'properti', so it checks nothing; did you mean 'properties'?"
        ]
      ),
      (
        #""fields": {"a": "exact"}"#,
        ["grader.fields: has no effect without 'reference', such as {{item.answer}}"]
      ),
      (
        #""require_schema": true, "reference": "[1]""#,
        [
          "grader.require_schema: has no effect without both 'schema' and 'reference'; leave it out",
          "grader.reference: '[1]' is not a JSON object; expected one, or a template for one",
        ]
      ),
      (
        #""reference": "{{item.r}}", "fields": {"a": "exakt", "b": {"rule": "text", "tolerance_absolute": 1}, "c": 3, "d..e": "text"}"#,
        [
          "grader.fields.a.rule: 'exakt' is not one of exact, text, number, date, set, list, ignore; did you mean 'exact'?",
          "grader.fields.b.tolerance_absolute: has no effect with 'rule: text'; it goes with number",
          "grader.fields.c: expected one of exact, text, number, date, set, list, ignore, or an object with a 'rule'; found a number",
          "grader.fields.d..e: 'd..e' has an empty name in it; expected names joined by '.'",
        ]
      ),
      (
        #""reference": "{{item.r}}", "fields": {"a": "exact", "a.b": "text"}"#,
        [
          "grader.fields.a.b: 'a.b' is inside another field that has a rule, or holds one; keep one of the two"
        ]
      ),
      (
        #""reference": "{{sample.output_text}}""#,
        ["grader.reference: reads the answer, which would be compared with itself; use a column of the row"]
      ),
      (
        #""weights": {"schema": 1}"#,
        [
          "grader.weights.schema: has no effect without 'schema'",
          "grader.weights: are all 0; at least one must be above",
        ]
      ),
      (
        #""reference": "{{item.r}}", "fields": {"a": {"rule": "ignore", "weight": 2}}"#,
        ["grader.fields.a.weight: has no effect on a field that is ignored; leave it out"]
      ),
    ] as [(String, [String])])
  func `mistakes of a definition are reported at once`(fields: String, expected: [String]) throws {
    #expect(try problems(#"{"type": "json", \#(fields)}"#) == expected)
  }

  @Test func `answers that game the form get little`() async throws {
    let grader = try grader(
      #""take": "first_object", "reference": "{{item.r}}", "fields": {"total": "number", "name": "text"}"#)
    let item = #"{"r": {"total": 7, "name": "Ann", "day": null}}"#
    for text in [
      "", "{}", "[]", "{\"total\": \"1 2 3 4 5 6 7 8 9\"}", "{\"total\": [7]}", "null", "{\"name\": \"\"}",
      "{\"total\": 8} {\"total\": 7, \"name\": \"Ann\", \"day\": null}", "Let me think.",
    ] {
      #expect(try await grader.reward(text, item: item) == 0, "\(text)")
    }
  }
}

@Suite struct WrittenDateTests {
  @Test(
    arguments: [
      ("2026-03-12", 12, 3), ("2026/3/12", 12, 3), ("2026-03-12T10:00:00Z", 12, 3), ("12 March 2026", 12, 3),
      ("12th of March, 2026", 12, 3), ("March 12th, 2026", 12, 3), ("Thu, 12 Mar 2026", 12, 3),
      ("12.03.2026", 12, 3),
      ("13/03/2026", 13, 3), ("03/13/2026", 13, 3), ("05/05/2026", 5, 5), ("Sept 3 2026", 3, 9),
      ("2026 March 12", 12, 3),
    ] as [(String, Int, Int)])
  func `dates are read as people write them`(text: String, day: Int, month: Int) {
    #expect(WrittenDate.day(in: text, daysFirst: nil) == CalendarDay(year: 2026, month: month, day: day))
  }

  @Test(arguments: [
    "03/12/2026", "12-03-26", "March 2026", "30 February 2026", "tomorrow", "2026-13-01",
    "12 March 2026 or 13 March 2026",
    "", "around 12 March 2026", "1 2 2026", "2026-03",
  ])
  func `what is no date or could be two is none`(text: String) {
    #expect(WrittenDate.day(in: text, daysFirst: nil) == nil)
  }

  @Test func `the order of day and month is as told`() {
    #expect(WrittenDate.day(in: "03/12/2026", daysFirst: true) == CalendarDay(year: 2026, month: 12, day: 3))
    #expect(WrittenDate.day(in: "03-12-2026", daysFirst: false) == CalendarDay(year: 2026, month: 3, day: 12))
    #expect(WrittenDate.day(in: "13/12/2026", daysFirst: false) == nil)
  }

  @Test func `days are numbered one after the other`() throws {
    var last: Int?
    for year in [1899, 1900, 1999, 2000, 2023, 2024] {
      last = nil
      for month in 1...12 {
        for day in 1...31 {
          guard let date = CalendarDay(year: year, month: month, day: day) else { continue }
          if let last { #expect(date.number == last + 1) }
          last = date.number
        }
      }
    }
    let first = try #require(CalendarDay(year: 2024, month: 1, day: 1))
    let next = try #require(CalendarDay(year: 2025, month: 1, day: 1))
    #expect(next.number - first.number == 366)
  }
}
