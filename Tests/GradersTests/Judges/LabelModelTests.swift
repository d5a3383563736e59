import Records
import Testing

@testable import Graders

@Suite(.serialized) struct LabelModelTests {
  static let fields =
    #", "labels": ["good", "fair", "bad"], "passing_labels": ["good", "fair"], "parse_retries": 0"#

  @Test(arguments: [
    ("good", 1.0, "good"), ("bad", 0, "bad"), (" Fair ", 1, "fair"), ("GOOD", 1, "good"),
  ])
  func `a label earns 1 when it passes, and its share is a metric`(
    given: String, reward: Double, label: String
  ) async throws {
    try await withServer { _ in
      verdict(.string(given))
    } _: { server in
      let grade = try await judged(by: server, Self.fields, type: "label_model").grade("x")
      #expect(grade.reward == reward)
      for known in ["good", "fair", "bad"] {
        #expect(grade.metrics["label/\(known)"] == (known == label ? 1 : 0))
      }
      let schema = try server.requests[0].json["response_format"]?["json_schema"]?["schema"]
      #expect(schema?["properties"]?["result"]?["enum"] == ["good", "fair", "bad"])
    }
  }

  @Test(arguments: [JSONValue.string("excellent"), .integer(1), .null, .string("")])
  func `what is no label is a failure and not a zero`(given: JSONValue) async throws {
    try await withServer { _ in
      verdict(given)
    } _: { server in
      let grade = try await judged(by: server, Self.fields, type: "label_model").grade("x")
      #expect(grade.reward == nil && grade.failure?.kind == .modelParse)
    }
  }

  @Test func `labels that differ by case alone are kept apart`() {
    #expect(VerdictText.label(in: #"{"result": "Yes"}"#, among: ["yes", "Yes"]) == "Yes")
    #expect(VerdictText.label(in: #"{"result": "YES"}"#, among: ["yes", "Yes"]) == nil)
  }

  @Test func `mistakes in the labels are found`() throws {
    let found = try problems(
      """
      {"type": "label_model", "model": "m", "input": [{"role": "user", "content": "{{sample.output_text}}"}],
       "labels": ["good", "bad", "bad", 3], "passing_labels": ["god"]}
      """)
    #expect(
      found == [
        "grader.labels[2]: 'bad' is given twice",
        "grader.labels[3]: expected a text that is not empty, found 3",
        "grader.passing_labels[0]: 'god' is not one of good, bad, bad; did you mean 'good'?",
      ])
    #expect(
      try problems(
        """
        {"type": "label_model", "model": "m", "input": [{"role": "user", "content": "{{sample.output_text}}"}],
         "labels": ["a", "b"], "passing_labels": ["b", "a"]}
        """) == ["grader.passing_labels: holds every label, so that every answer would pass"])
  }
}
