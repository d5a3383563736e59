import Foundation
import Plans
import Records
import Testing

@Suite struct `Mistakes in a grader` {
  @Test func `point at their lines in the plan`() {
    let text = """
      data: {generate: {dataset: arithmetic}}
      grader:
        type: string_check
        name: same
        operation: equals
        input: "{{sample.output_text}}"
        reference: "{{item.answer}}"
      """
    let found = read(text).diagnostics
    #expect(found.map { "\($0.file):\($0.line): \($0.path)" } == ["plan.yaml:5: grader.operation"])
  }

  @Test(
    arguments: [
      ("{right: correct}", []),
      (
        "{right: corect}",
        [
          "error: evaluation.right: the grader has no part 'corect'; its parts are correct, short; did you mean 'correct'?"
        ]
      ),
      ("{right: correct/inner}", []),
      (
        "{prompts: 9}",
        [
          "warning: evaluation.right: the grader pays for more than being right, so that few right answers have full marks; set right: correct"
        ]
      ),
    ] as [(String, [String])])
  func `a part that says what is right must be one of the grader's`(evaluation: String, expected: [String]) {
    let text = """
      data: {generate: {dataset: arithmetic}}
      grader:
        type: multi
        graders:
          correct: {type: number, reference: "{{item.answer}}"}
          short: {type: brevity, among: correct}
        weights: {correct: 1, short: 1}
      evaluation: \(evaluation)
      """
    let found = read(text).diagnostics.map { "\($0.severity): \($0.path): \($0.message)" }
    #expect(found == expected)
  }

  @Test func `point at their lines in a file of its own`() throws {
    try withFolder { folder in
      let file = folder + "/grader.json"
      try """
      {
        "type": "string_check",
        "name": "same",
        "operation": "equals",
        "input": "{{sample.output_text}}",
        "reference": "{{item.answer}}"
      }
      """.write(toFile: file, atomically: true, encoding: .utf8)
      let reading = read("data: {generate: {dataset: arithmetic}}\ngrader: grader.json", folder: folder)
      #expect(
        reading.diagnostics.map { "\($0.file):\($0.line): \($0.path)" } == ["\(file):4: grader.operation"])
      let error = #expect(throws: InvalidInput.self) { try GraderFile(file).compiled() }
      #expect(
        error?.diagnostics.map { "\($0.file):\($0.line): \($0.path)" } == ["\(file):4: operation"])
    }
  }

  @Test(arguments: [("[1, 2]", ":1: "), ("{\"type\": ", ":1: "), ("", ":1: ")])
  func `are told of a file that holds no definition`(text: String, part: String) throws {
    try withFolder { folder in
      try text.write(toFile: folder + "/grader.json", atomically: true, encoding: .utf8)
      let found = read("data: {generate: {dataset: arithmetic}}\ngrader: grader.json", folder: folder)
        .diagnostics
      #expect(found.count == 1)
      #expect(found.first?.path == "grader")
      #expect(found.first?.line == 2)
      #expect(found.first?.message.contains(part) == true)
    }
  }

  @Test func `a prompt too long for the context is counted in`() {
    let model = ModelFigures(
      parameters: 1000, layers: 1, hidden: 64, intermediate: 64, heads: 1, kvHeads: 1, headSize: 8,
      vocabulary: 10, context: 300)
    let found = read(smallPlan).checked(rows: nil, model: model, longestPrompt: 44).diagnostics
    #expect(
      found.map(\.description) == [
        "plan.yaml: error: sampling.max_tokens: 256 tokens an answer do not fit the model's context of 300 tokens beside the longest prompt's 44; expected at most 255"
      ])
    #expect(read(smallPlan).checked(rows: nil, model: model, longestPrompt: 43).diagnostics == [])
  }
}
