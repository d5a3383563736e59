import Foundation
import Graders
import Records
import Testing

@Suite(.enabled(if: TestPools.isSandboxPossible, "bubblewrap with user namespaces is needed"))
struct CodeQualityTests {
  static let double = row(["assert double(2) == 4", "assert double('a') == 'aa'"])
  static let body = "def double(x): return 2 * x"

  @Test(
    arguments: [
      ("", true), ("import math", true), ("import os", false), ("import os.path", false),
      ("import os as o", false),
      ("from os import path", false), ("from os.path import join", false), ("__import__('os')", false),
      ("import importlib\nimportlib.import_module('os')", false), ("__import__('o' + 's')", false),
      ("def unused():\n    import os", false), ("text = 'import os'", true), ("# import os", true),
      ("os = 3", true),
      ("oscar = 1", true),
      ("eval('1')", false), ("e = eval", false), ("import builtins\nbuiltins.eval('1')", false),
      ("from builtins import eval as e", false), ("import shutil as s\ns.copy", true),
      ("import shutil as s\ns.rmtree", false), ("from shutil import rmtree as r", false),
      ("medieval = 1", true),
      ("class A:\n    eval = 1", false),
    ])
  func `forbidden imports and calls are found in the syntax`(code: String, isAllowed: Bool) async throws {
    let grader = try codeGrader(
      #""forbid": {"imports": ["os"], "calls": ["eval", "shutil.rmtree"]}, "weights": {"tests": 1, "compiles": 1}"#
    )
    let grade = await grader.grade([answer(code + "\n" + Self.body, Self.double)])[0]
    #expect(grade.reward == (isAllowed ? 1 : 0), "\(grade.outputTail)")
    #expect(grade.metrics["forbidden"] == (isAllowed ? 0 : 1))
    #expect(grade.subRewards.first?.value == 1)
  }

  /// Bodies, and the complexity of the most complex function, counted by hand.
  @Test(
    arguments: [
      ("return 2 * x", 1), ("if x: return 2 * x\n    return x * 2", 2), ("return 2 * x if x else x * 2", 2),
      ("for _ in [1]:\n        while x and True: return 2 * x", 4),
      ("try: return 2 * x\n    except (TypeError, ValueError): return 0\n    except KeyError: return 1", 3),
      ("y = [z for z in [1] if z if True]\n    return 2 * x", 4),
      ("f = lambda a: a if a else (a or 1) if a else 2\n    return 2 * x", 4),
    ])
  func `complexity counts branches of the most complex function`(body: String, expected: Double) async throws
  {
    let sample = answer("def double(x):\n    \(body)", Self.double)
    let most = Int(expected)
    for (limit, reward) in [(most, 1.0), (most - 1, 0.5)] where limit > 0 {
      let grader = try codeGrader(#""complexity": \#(limit), "weights": {"tests": 1, "complexity": 1}"#)
      let grade = await grader.grade([sample])[0]
      #expect(grade.metrics["cyclomatic_complexity"] == expected)
      #expect(grade.reward == reward)
    }
  }

  @Test func `quality pays only as far as the tests pass`() async throws {
    let grader = try codeGrader(
      #""complexity": 5, "weights": {"tests": 1, "complexity": 1}, "tools": [{"name": "short", "command": ["grep", "-c", "x", "{file}"], "weight": 2}]"#
    )
    let codes = ["def double(x): return 2 * x", "def double(x): return 4", "def double(x): return 0"]
    let grades = await grader.grade(codes.map { answer($0, Self.double) })
    #expect(grades.map(\.reward) == [1, 0.5, 0])
    #expect(grades.map { $0.subRewards.map(\.value) } == [[1, 1, 1, 1], [0.5, 1, 1, 1], [0, 1, 1, 0]])
  }

  @Test func `a tool is scored by its exit status or by the lines that count`() async throws {
    func tool(_ more: String) throws -> any Grader {
      try codeGrader(#""weights": {"tests": 1}, "tools": [{"name": "tool", "weight": 1, \#(more)}]"#)
    }
    let sample = answer("# todo\n# todo\n" + Self.body, Self.double)
    func score(_ more: String) async throws -> Double? {
      try await tool(more).grade([sample])[0].subRewards.last?.value
    }
    #expect(try await score(#""command": ["grep", "todo", "{file}"]"#) == 1)
    #expect(try await score(#""command": ["grep", "nothing", "{file}"]"#) == 0)
    #expect(try await score(#""command": ["grep", "todo", "{file}"], "findings": "^# todo""#) == 0.5)
    #expect(
      try await score(#""command": ["grep", "todo", "{file}"], "findings": "todo", "deduction": 0.6"#) == 0)
    // Status 2 is grep's own trouble, and so is a program that is not there.
    for command in [#"["grep", "--no-such-option", "{file}"]"#, #"["no-such-tool", "{file}"]"#] {
      let grade = try await tool("\"command\": \(command)").grade([sample])[0]
      #expect(grade.reward == nil)
      #expect(grade.failure?.cause == .couldNotStart)
    }
  }

  @Test(.enabled(if: CodeTools.environment != nil, "a virtual environment with ruff and bandit is needed"))
  func `ruff and bandit judge the code in the sandbox`() async throws {
    let venv = try #require(CodeTools.environment)
    let grader = try codeGrader(
      #"""
      "python": "\#(venv)", "weights": {"tests": 8}, "tools": [
        {"name": "style", "weight": 1, "findings": "^answer\\.py:",
         "command": ["ruff", "check", "--isolated", "--no-cache", "--ignore-noqa", "--output-format=concise", "{file}"]},
        {"name": "security", "weight": 1, "command": ["python3", "-m", "bandit", "-q", "--ignore-nosec", "{file}"]}]
      """#)
    let codes = [
      "def double(x):\n    return 2 * x\n", "import os\nimport sys\n\n\ndef double(x):\n    return 2 * x\n",
      "import subprocess  # noqa\n\n\ndef double(x):\n    if x == 3:\n        subprocess.call('ls', shell=True)  # nosec\n    return 2 * x\n",
    ]
    let grades = await grader.grade(codes.map { answer($0, Self.double) })
    #expect(
      grades.map { $0.subRewards.map(\.value) } == [[1, 1, 1, 1], [1, 1, 0.5, 1], [1, 1, 1, 0]],
      "\(grades.map { $0.failure?.message ?? $0.outputTail })")
  }

  @Test func `every field is checked`() throws {
    #expect(
      try problems(
        #"{"type": "code", "test": [], "partial": "some", "pick": "best", "timeout": 0, "weights": {"tests": 0, "compile": 1}, "forbid": {"import": []}, "complexity": 0, "tools": [{"name": "tests", "command": ["ruff"]}], "compile": ["gcc"], "tests": [1]}"#
      ) == [
        "grader.test: a code grader has no key 'test'; did you mean 'tests'?",
        "grader.pick: 'best' is not one of last, first",
        "grader.compile: is for languages other than python, which is run as it is",
        "grader.tests: test 1 is a number; expected an assert, or an object with 'call' or with 'stdin' and 'stdout'",
        "grader.partial: 'some' is not one of share, all_or_nothing",
        "grader.timeout: is 0; expected a number above 0",
        "grader.forbid.import: the list of what is forbidden has no key 'import'; did you mean 'imports'?",
        "grader.complexity: is 0; the simplest function has 1",
        "grader.tools[0].command: does not name the code's file; write {file} where it belongs",
        "grader.tools[0].name: 'tests' is taken; give this tool another name",
        "grader.weights.compile: the list of weights has no key 'compile'; did you mean 'compiles'?",
        "grader.weights.tests: is 0; expected a number above 0",
      ])
    #expect(
      try problems(
        #"{"type": "code", "language": "c", "compile": [], "test_file": "x", "tests": ["assert f()"], "files": {"../x": "y", "z": 3}}"#
      ) == [
        "grader.file: missing; expected the name that the code is saved under, such as main.c",
        "grader.compile: expected a list of texts, found an empty list",
        "grader.run: missing; expected the command that runs 'c', such as [\"./main\"]; only python needs none",
        "grader.files.../x: '../x' is no path inside a folder; expected one like 'main.c' or 'tests/cases.json'",
        "grader.files.z: expected a text, or {\"file\": path}",
        "grader.test_file: is for tests of Python's functions; other languages are tested by 'stdin' and 'stdout'",
        "grader.test_file: given beside 'tests'; keep one of them",
      ])
    #expect(
      try problems(#"{"type": "code", "tests": "{{sample.output_text}}"}"#) == [
        "grader.tests: are read from the answer, which could pass them by choice"
      ])
  }

  @Test func `paths of a definition that is kept elsewhere are whole`() throws {
    let definition = try JSONValue(
      parsing: #"""
        {"type": "code", "test_file": "t.py", "python": "env/bin/python", "folders": ["/opt/x", "y"],
         "files": {"a.h": {"file": "b/a.h"}, "c.h": "text"}}
        """#)
    let moved = GraderDefinition.absolute(definition, folder: "/recipes/a")
    let expected = try JSONValue(
      parsing: #"""
        {"type": "code", "test_file": "/recipes/a/t.py", "python": "/recipes/a/env/bin/python",
         "folders": ["/opt/x", "/recipes/a/y"],
         "files": {"a.h": {"file": "/recipes/a/b/a.h"}, "c.h": "text"}}
        """#)
    #expect(moved == expected)
  }
}
