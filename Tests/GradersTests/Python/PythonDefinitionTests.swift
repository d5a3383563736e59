import Foundation
import Records
import Testing

@testable import Graders

struct PythonDefinitionTests {
  @Test func `a definition that has everything is accepted`() throws {
    let file = try RewardFile("def grade(sample, item): return 1")
    _ = try file.grader([
      "function": "grade", "convention": "openai", "kwargs": ["strict": true], "timeout": 5, "memory_mb": 256,
      "folders": [.string(file.folder)], "python": "/usr/bin/python3",
    ])
  }

  @Test(arguments: [
    (#"{"type": "python_function"}"#, "grader.file: missing; expected a Python file, or 'module'"),
    (#"{"type": "python_function", "file": "a.py", "module": "b"}"#, "grader.module: given beside 'file'"),
    (#"{"type": "python_function", "file": "rewards.txt"}"#, "grader.file: 'rewards.txt' is no Python file"),
    (#"{"type": "python_function", "file": "/none/a.py"}"#, "grader.file: '/none/a.py' cannot be read"),
    (#"{"type": "python_function", "module": "a", "convention": "ver1"}"#, "did you mean 'verl'?"),
    (
      #"{"type": "python_function", "module": "a", "function": []}"#,
      "grader.function: expected a function's name"
    ),
    (#"{"type": "python_function", "module": "a", "weights": [1, 2]}"#, "2 weights for 1 functions"),
    (
      #"{"type": "python_function", "module": "a", "function": ["f", "g"], "weights": [1, "x"]}"#,
      "grader.weights: expected a list of numbers"
    ),
    (
      #"{"type": "python_function", "module": "a", "convention": "verl", "form": "text"}"#,
      "grader.form: has no effect with 'convention: verl'"
    ),
    (#"{"type": "python_function", "module": "a", "form": "prose"}"#, "'prose' is not one of messages, text"),
    (
      #"{"type": "python_function", "module": "a", "timeout": 0}"#,
      "grader.timeout: is 0; expected a number above 0"
    ),
    (
      #"{"type": "python_function", "module": "a", "folders": ["/no/such"]}"#, "there is no folder '/no/such'"
    ),
    (#"{"type": "python_function", "module": "a", "kwarg": {}}"#, "did you mean 'kwargs'?"),
    (
      #"{"type": "reasoning_gym", "answer_tag": "a>b"}"#, "grader.answer_tag: is 'a>b'; expected a tag's name"
    ),
    (#"{"type": "reasoning_gym", "datset": "x"}"#, "did you mean 'dataset'?"),
  ])
  func `mistakes in a definition are named`(definition: String, problem: String) throws {
    let found = try problems(definition)
    #expect(found.contains { $0.contains(problem) }, "\(found)")
  }

  @Test func `what cannot be Python is a mistake of the definition, with its line`() throws {
    let file = try RewardFile("import os\ndef grade(sample, item) return 1")
    #expect(throws: InvalidInput.self) { try file.grader() }
    let problem = try problems(
      (["type": "python_function", "file": .string(file.path)] as JSONValue).serialised())
    #expect(problem.count == 1 && problem[0].hasPrefix("grader.file: line 2: "), "\(problem)")
  }

  @Test func `a change of the file is another grader`() throws {
    let one = try RewardFile("def grade(sample, item): return 1")
    let definition: JSONValue = ["type": "python_function", "file": .string(one.path)]
    let before = try GraderCompiler.compile(definition).identity.version
    #expect(try GraderCompiler.compile(definition).identity.version == before)
    try "def grade(sample, item): return 2".write(toFile: one.path, atomically: true, encoding: .utf8)
    #expect(try GraderCompiler.compile(definition).identity.version != before)
  }
}
