import Foundation
import Graders
import Records
import Testing

@Suite(.enabled(if: TestPools.isSandboxPossible, "bubblewrap with user namespaces is needed"))
struct PythonGraderTests {
  private func grader(
    _ source: String, _ more: String = "", isolation: GraderSurroundings.Isolation = .sandboxed
  )
    throws -> any Grader
  {
    let definition = JSONValue.object(
      JSONObject(
        [("type", "python"), ("source", .string(source))]
          + (try JSONValue(parsing: "{\(more)}").object?.members.map { ($0.key, $0.value) } ?? [])))
    return try GraderCompiler.compile(definition, surroundings: GraderSurroundings(isolation: isolation))
  }

  @Test func `it sees sample and item as OpenAI's graders do`() async throws {
    let source = """
      def grade(sample, item):
          assert sample["output_json"] == {"total": 3}, sample
          assert sample["choices"][0]["message"]["content"] == sample["output_text"]
          assert sample["choices"][0]["finish_reason"] == "stop" and sample["output_tools"] == []
          assert item["messages"][0] == {"role": "user", "content": "1 + 2?"}
          return item["weight"] * (sample["output_json"]["total"] == item["answer"])
      """
    let grader = try grader(source, #""name": "total", "image_tag": "2025-05-08", "pass_threshold": 0.5"#)
    let sample = GradingSample(
      outputText: "{\"total\": 3}", item: JSONObject([("answer", 3), ("weight", 0.25)]),
      messages: [Message(.user, "1 + 2?")])
    let grade = await grader.grade([sample])[0]
    #expect(grade.reward == 0.25, "\(String(describing: grade.failure))")
    #expect(grade.graderVersion == grader.identity.version && grade.latencySeconds > 0)
  }

  @Test func `the attempts of a group keep their order, and a failure stays with its own`() async throws {
    let grader = try grader("def grade(sample, item):\n  return 1 / int(sample['output_text'])")
    let samples = [4, 2, 0, 1].map { GradingSample(outputText: String($0)) }
    let grades = await grader.grade(samples)
    #expect(grades.map(\.reward) == [0.25, 0.5, nil, 1])
    #expect(grades[2].failure?.cause == .raised)
  }

  /// Misbehaviour and what it is called.
  static let chaos: [(String, GradeFailure.Cause)] = [
    ("import time; time.sleep(60)", .timeOut),
    ("while True: pass", .timeOut),
    ("raise ValueError('no')", .raised),
    ("return sample['missing']", .raised),
    ("import nothing_of_that_name", .raised),
    ("import os\n  while True:\n    try: os.fork()\n    except OSError: pass", .timeOut),
    ("x = []\n  while True: x.append('x' * 1_000_000)", .memory),
    ("while True: print('x' * 1000)", .outputLimit),
    ("return float('nan')", .notFinite),
    ("return -float('inf')", .notFinite),
    ("return 10 ** 400", .notFinite),
    ("return None", .wrongType),
    ("pass", .wrongType),
    ("return '0.5'", .wrongType),
    ("return [1.0]", .wrongType),
    ("return {'score': 1.0}", .wrongType),
    ("return object()", .wrongType),
    ("return 1j", .wrongType),
    ("raise SystemExit(0)", .raised),
    ("import os; os._exit(0)", .raised),
    ("import sys; sys.exit('done')", .raised),
    ("import os; os.abort()", .killed),
    ("import os; os.kill(os.getpid(), 9)", .killed),
    ("import ctypes; ctypes.string_at(0)", .killed),
  ]

  @Test(arguments: chaos, [GraderSurroundings.Isolation.sandboxed, .unsafe])
  func `misbehaviour is a failure with a cause, never a zero`(
    _ trial: (String, GradeFailure.Cause), isolation: GraderSurroundings.Isolation
  ) async throws {
    // Without a sandbox nothing bounds the number of processes, so that one trial is left out there.
    if isolation == .unsafe, trial.0.contains("fork") { return }
    let grader = try grader(
      "def grade(sample, item):\n  \(trial.0)",
      #""timeout": \#(trial.1 == .timeOut ? 1 : 30), "memory_mb": 512"#,
      isolation: isolation)
    let grade = await grader.grade([GradingSample(outputText: "x")])[0]
    #expect(grade.reward == nil)
    #expect(grade.failure?.cause == trial.1, "\(String(describing: grade.failure))")
    #expect(grade.failure?.kind == (trial.0.contains("os.kill") ? .pythonServer : .pythonRuntime))
  }

  @Test(arguments: [("return True", 1.0), ("return False", 0), ("return 7", 7), ("return -0.25", -0.25)])
  func `numbers and truth values are rewards`(body: String, reward: Double) async throws {
    let grade = try await grader("def grade(sample, item): \(body)").grade([GradingSample(outputText: "")])[0]
    #expect(grade.reward == reward)
  }

  @Test(arguments: [
    ("def grade(sample, item)\n  return 1", "grader.source: line 1: expected ':'"),
    ("x = 1\ndef grade(sample, item):\nreturn 1", "grader.source: line 3: expected an indented block"),
    ("def score(sample, item): return 1", "grader.source: there is no function 'grade'"),
    ("def grade(sample): return 1", "grader.source: line 1: 'grade' takes 1 positional arguments"),
    ("async def grade(sample, item): return 1", "grader.source: line 1: 'grade' is an async function"),
  ])
  func `a mistake in the source is told with its line before anything runs`(source: String, message: String)
    throws
  {
    #expect {
      try grader(source)
    } throws: { error in
      (error as? InvalidInput)?.description.contains(message) ?? false
    }
  }

  @Test(arguments: [
    "grade = lambda sample, item: 1.0", "def grade(*rest): return 1.0",
    "if True:\n  def grade(sample, item, more=2): return 1.0",
    "class G:\n  def __call__(self, sample, item): return 1.0\ngrade = G()",
    "exec('def grade(sample, item): return 1.0')",
  ])
  func `grade may be any callable`(source: String) async throws {
    #expect(try await grader(source).grade([GradingSample(outputText: "")])[0].reward == 1)
  }

  @Test func `every field is checked`() throws {
    #expect(
      try problems(
        #"{"type": "python", "sorce": "x", "timeout": -1, "memory_mb": "x", "folders": ["/no/such"], "python": "/no"}"#
      ) == [
        "grader.sorce: a python grader has no key 'sorce'; did you mean 'source'?",
        "grader.folders[0]: there is no folder '/no/such'",
        "grader.timeout: is -1; expected a number above 0",
        "grader.memory_mb: expected a number, found a string",
        "grader.source: missing; expected Python that defines grade(sample, item), or 'file' with its path",
      ])
    #expect(
      try problems(#"{"type": "python", "source": "def grade(s, i): return 1", "python": "/no"}"#) == [
        "grader.python: there is no Python at '/no'; expected an interpreter or a virtual environment"
      ])
    let long = "# " + String(repeating: "x", count: 300_000)
    #expect(
      try problems("{\"type\": \"python\", \"source\": \"\(long)\"}") == [
        "grader.source: has 300002 bytes; expected fewer than 262144"
      ])
  }

  @Test func `a file is read beside the definition, and its text is part of the version`() async throws {
    let folder = try TestFolder()
    try folder.write("mine.py", "import near\ndef grade(sample, item):\n  return near.value")
    try folder.write("modules/near.py", "value = 0.5")
    let surroundings = GraderSurroundings(folder: folder.path)
    let definition: JSONValue = ["type": "python", "file": "mine.py", "folders": ["modules"]]
    let grader = try GraderCompiler.compile(definition, surroundings: surroundings)
    let grade = await grader.grade([GradingSample(outputText: "")])[0]
    #expect(grade.reward == 0.5, "\(String(describing: grade.failure))")
    try folder.write("mine.py", "def grade(sample, item):\n  return 1")
    let other = try GraderCompiler.compile(definition, surroundings: surroundings)
    #expect(other.identity.version != grader.identity.version)
    try folder.write("mine.py", "def grade(sample, item):\n\n  return (")
    let check = GraderCompiler.check(definition, surroundings: surroundings)
    #expect(check.diagnostics.map(\.file) == [folder.path + "/mine.py"])
    #expect(check.diagnostics.map(\.line) == [3])
  }
}
