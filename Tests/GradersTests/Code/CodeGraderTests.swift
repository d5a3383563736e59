import Foundation
import Graders
import Records
import Testing

@Suite(.enabled(if: TestPools.isSandboxPossible, "bubblewrap with user namespaces is needed"))
struct CodeGraderTests {
  static let addition = row([
    "assert add(1, 2) == 3", "assert add(-1, 1) == 0", "assert add(0.5, 1) == 1.5",
    "assert add('a', 'b') == 'ab'",
  ])

  /// A body of `add`, the share of tests that pass, and the mistakes that are named.
  @Test(
    arguments: [
      ("def add(a, b):\n    return a + b", 1, []), ("add = lambda a, b: b + a", 0.75, []),
      ("def add(a, b):\n    return a - b * -1", 0.75, ["exception"]),
      ("def add(a, b):\n    return 3", 0.25, []),
      ("def add(a, b):\n    while a == 0.5: pass\n    return a + b", 0.75, ["time_out"]),
      ("def add(a, b):\n    pass", 0, []), ("def plus(a, b): return a + b", 0, ["exception"]),
      ("def add(a, b:\n    return a + b", 0, ["compile_error"]), ("raise ValueError", 0, ["exception"]),
      ("while True: pass", 0, ["time_out"]), ("import nothing_of_that_name", 0, ["exception"]),
      ("def add(a, b):\n    return [0] * 10 ** 10", 0, ["exception"]),
      ("x = [0] * 10 ** 10", 0, ["memory_limit"]),
      ("def add(a, b):\n    while True: print('x' * 10000)", 0, ["output_limit"]),
      ("import ctypes\nctypes.string_at(0)", 0, ["crashed"]),
      ("import time\ntime.sleep(99)", 0, ["time_out"]),
    ] as [(String, Double, Set<String>)])
  func `the reward is the share of tests that pass, and mistakes are named`(
    code: String, reward: Double, mistakes: Set<String>
  ) async throws {
    let grade = try await codeGrader(#""timeout": \#(mistakes == ["time_out"] ? 1 : 30)"#).grade([
      answer(code, Self.addition)
    ])[0]
    #expect(grade.reward == reward, "\(String(describing: grade.failure)) \(grade.outputTail)")
    #expect(grade.mistakes == mistakes)
    #expect(grade.metrics["tests_passed"] == reward * 4)
    #expect(grade.subRewards.map(\.name) == ["tests", "compiles"])
  }

  /// Answers, and whether code that adds is found in them.
  @Test(
    arguments: [
      ("def add(a, b): return a + b", "last", 1),
      ("```python\ndef add(a, b): return a + b\n```", "last", 1),
      ("```py\ndef add(a, b): return a + b", "last", 1),
      ("```\ndef add(a, b): return a + b\n```", "last", 1),
      (
        "```python\nx = 1\n```\nNow:\n```python\ndef add(a, b): return a + b\n```\n```bash\nrun\n```", "last",
        1
      ),
      ("```python\ndef add(a, b): return a + b\n```\n```python\nprint(add(1, 2))\n```", "first", 1),
      ("```python\ndef add(a, b): return a + b\n```\n```python\nprint(1)\n```", "last", 0),
      ("```bash\ndef add(a, b): return a + b\n```", "last", nil), ("", "last", nil),
      ("```python\n\n```", "last", nil),
      ("I would add the two numbers.", "last", 0),
    ] as [(String, String, Double?)])
  func `code is taken from its fence, or is the whole answer`(text: String, pick: String, reward: Double?)
    async throws
  {
    let grade = try await codeGrader(#""pick": "\#(pick)""#)
      .grade([GradingSample(outputText: text, item: Self.addition)])[0]
    #expect(grade.reward == reward ?? 0)
    #expect(grade.mistakes.contains("no_code") == (reward == nil))
    #expect(grade.metrics[Grade.sampleParseError] == (reward == nil ? 1 : nil))
    #expect(grade.metrics["tests_passed"] == (reward ?? 0) * 4)
  }

  /// Tests in all forms; the code is `Self.varied`.
  static let varied = """
    import collections
    class Stack:
        def __init__(self): self.items = []
        def push(self, x): self.items.append(x)
        def pop(self): return self.items.pop()
        def __len__(self): return len(self.items)
    def pairs(n): return [(i, i * i) for i in range(n)]
    def letters(text): return set(text)
    def count(text): return collections.Counter(text)
    def up_to(n):
        for i in range(n): yield i
    def each(f, xs): return [f(x) for x in xs]
    def order(xs): xs.sort(reverse=True)
    def half(x): return x / 2
    def nothing(): pass
    def big(n): return 7 ** n
    def fail(): raise KeyError('no')
    LIMIT = 5
    """

  @Test(
    arguments: [
      (["call": "pairs(3)", "expected": [[0, 0], [1, 1], [2, 4]]], 1),
      (["call": "letters('aab')", "expected": ["b", "a"]], 1),
      (["call": "count('aab')", "expected": ["a": 2, "b": 1]], 1),
      (["call": "nothing()", "expected": .null], 1),
      (["call": "half(3)", "expected": 1.5], 1), (["call": "half(4)", "expected": 2], 1),
      (["call": "half(2)", "expected": true], 0), (["call": "half(0.6)", "expected": 0.31], 1),
      (["call": "half(0.6)", "expected": 0.33], 0), (["call": "fail()", "raises": "KeyError"], 1),
      (["call": "fail()", "raises": "ValueError"], 0), (["call": "fail()", "expected": .null], 0),
      (["call": "nothing()", "raises": "KeyError"], 0),
      (["call": "each(lambda x: x + 1, [1, 2])", "expected": [2, 3]], 1),
      (["call": "each(len, ['a', 'bc'])", "expected": [1, 2]], 1),
      (["call": "list(up_to(3))", "expected": [0, 1, 2]], 1),
      ("assert pairs(2) == [(0, 0), (1, 1)]", 1), ("assert pairs(2) == [[0, 0], [1, 1]]", 0),
      ("assert half(half(4)) == 1 and half(2) == 1", 1), ("assert abs(half(0.6) - 0.3) < 1e-9", 1),
      ("assert big(3000) == 7 ** 3000", 1), ("assert LIMIT == 5", 1), ("assert len(pairs(4)) == 4", 1),
      ("xs = [1, 3, 2]\norder(xs)\nassert xs == [3, 2, 1]", 1),
      ("assert all(half(2 * i) == i for i in range(20))", 1),
      ("s = Stack(); s.push(1); s.push(2)\nassert s.pop() == 2 and len(s) == 1", 1),
      ("assert isinstance(Stack(), Stack) and not isinstance(half(1), Stack)", 1),
      ("try:\n    fail()\n    assert False\nexcept KeyError:\n    pass", 1),
      ("x = 1.0\nfor _ in range(6):\n    x = half(x) if x > 0.1 else x\nassert x == 0.0625", 1),
      ("assert half(3) is not None and not nothing()", 1), ("assert sorted(letters('ba')) == ['a', 'b']", 1),
    ] as [(JSONValue, Double)])
  func `tests may be asserts and calls`(test: JSONValue, reward: Double) async throws {
    let grade = try await codeGrader(#""tolerance": 0.011"#).grade([answer(Self.varied, row([test]))])[0]
    #expect(grade.reward == reward, "\(String(describing: grade.failure)) \(grade.outputTail)")
  }

  @Test(
    arguments: [
      (
        "from solution import half, Stack\ndef test_a():\n  assert half(2) == 1\ndef test_b():\n  assert half(2) == 2",
        0.5
      ),
      (
        "import solution\nassert solution.half(2) == 1\nx = solution.half(3)\nassert x == 1.5\nassert x == 2",
        2.0 / 3
      ),
      ("def check(candidate):\n  assert candidate(2) == 1\n  assert candidate(1) == 0.5", 1),
      (
        "import unittest\nfrom solution import *\nclass T(unittest.TestCase):\n  def setUp(self): self.s = Stack()\n"
          + "  def test_a(self):\n    with self.assertRaises(IndexError): self.s.pop()\n"
          + "  def test_b(self): self.assertEqual(half(4), 3)\n", 0.5
      ),
    ] as [(String, Double)])
  func `tests may be a file`(text: String, reward: Double) async throws {
    let item = JSONObject([("tests", .string(text)), ("entry_point", "half")])
    let grade = try await codeGrader().grade([answer(Self.varied, item)])[0]
    #expect(grade.reward == reward, "\(String(describing: grade.failure)) \(grade.outputTail)")
    let folder = try TestFolder()
    try folder.write("test_half.py", text)
    let grader = try codeGrader(#""test_file": "test_half.py", "entry_point": "half""#, folder: folder.path)
    #expect(await grader.grade([answer(Self.varied, JSONObject())])[0].reward == reward)
    try folder.write("test_half.py", text + "\n")
    let other = try codeGrader(#""test_file": "test_half.py", "entry_point": "half""#, folder: folder.path)
    #expect(other.identity.version != grader.identity.version)
  }

  @Test func `tests of the definition and of a column, with a setup`() async throws {
    let code = "def area(r): return 3.141592653589793 * r * r"
    let own = try codeGrader(
      #""tests": ["assert math.isclose(area(1), math.pi)"], "setup": "import math", "entry_point": "area""#)
    #expect(await own.grade([answer(code, JSONObject())])[0].reward == 1)
    let item = JSONObject([
      ("cases", #"["assert area(0) == 0", "assert area(1) == 3"]"#), ("imports", "import math"),
    ])
    let other = try codeGrader(#""tests": "{{item.cases}}", "setup": "{{item.imports}}""#)
    #expect(await other.grade([answer(code, item)])[0].reward == 0.5)
    let missing = try codeGrader(#""tests": ["assert area(0) == 0"], "entry_point": "volume""#)
    #expect(await missing.grade([answer(code, JSONObject())])[0].mistakes == ["no_entry_point"])
  }

  @Test func `all or nothing, and a weight for compiling`() async throws {
    let half = "def add(a, b):\n    return abs(a + b)"
    let whole = try codeGrader(#""partial": "all_or_nothing", "weights": {"tests": 3, "compiles": 1}"#)
    let codes = [half, "def add(a, b):\n    return a + b", "def add(a, b) return"]
    let grades = await whole.grade(codes.map { answer($0, Self.addition) })
    #expect(grades.map(\.reward) == [0.25, 1, 0])
    #expect(grades[0].metrics["tests_passed"] == 3)
    #expect(grades.map { $0.subRewards.map(\.value) } == [[0, 1], [1, 1], [0, 0]])
  }

  @Test func `programs are tested by what they read and print`() async throws {
    let tests = row([
      ["stdin": "1 2\n", "stdout": "3\n"], ["stdin": "5 5", "stdout": "10"],
      ["stdin": "-1 1", "stdout": "0  \n\n"],
      ["stdin": "x y", "stdout": "error"],
    ])
    let code = "import sys\na, b = map(int, sys.stdin.read().split())\nprint(a + b)"
    let guarded =
      "def main():\n    print(sum(map(int, input().split())))\n\nif __name__ == '__main__':\n    main()"
    let grades = try await codeGrader().grade(
      [
        code, guarded, "print(3)", "print(", "import sys\nprint(3)\nsys.exit(0)",
        "print(3); raise SystemExit(2)",
      ]
      .map { answer($0, tests) })
    #expect(grades.map(\.reward) == [0.75, 0.75, 0.25, 0, 0.25, 0])
    #expect(
      grades.map(\.mistakes) == [["exception"], ["exception"], [], ["compile_error"], [], ["exited"]])
    let exact = try codeGrader(#""output": "exact""#)
    #expect(await exact.grade([answer(code, tests)])[0].reward == 0.25)
    // Both kinds in one row.
    let mixed = row([["stdin": "1 2", "stdout": "3"], "assert double(2) == 4"])
    let both = "def double(x): return 2 * x\nif __name__ == '__main__': print(3)"
    #expect(try await codeGrader().grade([answer(both, mixed)])[0].reward == 1)
  }

  @Test func `the attempts of a group keep their order`() async throws {
    let codes = (0..<8).map {
      "def add(a, b):\n    import time\n    time.sleep(0.02 * ((\($0) * 5) % 8))\n    return (a + b) if \($0) % 2 else 3"
    }
    let grades = try await codeGrader().grade(codes.map { answer($0, Self.addition) })
    #expect(grades.map(\.reward) == (0..<8).map { $0 % 2 == 1 ? 1 : 0.25 })
    #expect(grades.allSatisfy { $0.latencySeconds > 0 && $0.metrics["peak_memory_mb"] ?? 0 > 1 })
  }

  /// Rows that cannot be graded, and what is said.
  @Test(
    arguments: [
      (JSONObject(), "item.tests"), (row([]), "the list of tests is empty"), (row([3]), "test 1 is a number"),
      (row([["call": "f()"]]), "'call' and nothing else"),
      (row(["assert f(1) =="]), "test 1 cannot be parsed"),
      (row(["assert 1 == 1"]), "test 1 uses nothing of the answer's code"),
      (row([["call": "f(1); g(2)", "expected": 1]]), "no expression"),
      (JSONObject([("tests", "x = 1")]), "no test in the file"),
      (
        JSONObject([("tests", "import nothing_of_that_name\ndef test_a():\n  assert f(1)")]),
        "cannot be prepared: ModuleNotFoundError"
      ),
      (row(["assert f(open('/dev/null')) == 1"]), "no plain data"),
      (JSONObject([("tests", "")]), "the test file is empty"),
    ] as [(JSONObject, String)])
  func `a row whose tests are no tests fails, and never gives a zero`(item: JSONObject, message: String)
    async throws
  {
    let grades = try await codeGrader().grade([
      answer("def f(x): return x", item), GradingSample(outputText: "", item: item),
    ])
    for grade in grades {
      #expect(grade.reward == nil)
      #expect(grade.failure?.kind == .invalidVariable)
      #expect(grade.failure?.message.contains(message) == true, "\(String(describing: grade.failure))")
    }
  }
}

/// The recipe's grader on replies written by hand.
@Suite(.enabled(if: TestPools.isSandboxPossible, "bubblewrap with user namespaces is needed"))
struct CodeRecipeTests {
  @Test(
    arguments: [
      ("```python\ndef last_of(xs):\n    \"\"\"The last.\"\"\"\n    return xs[-1]\n```", 1),
      ("def last_of(xs):\n    return xs[-1]\n", 1),
      ("def last_of(xs):\n    return xs[0]\n", 0.1 + 0.9 * 0.25),
      ("def last_of(xs):\n    pass\n", 0.1), ("```python\nlast_of([1, 2])\n```", 0), ("return xs[-1]", 0),
      ("The function returns the last element.", 0), ("", 0), ("pass", 0),
    ] as [(String, Double)])
  func `code pays for the tests and a little for a function`(reply: String, reward: Double) async throws {
    let grader = try compiled(try repositoryFile("Recipes/code/grader.json"))
    let item = #"""
      {"entry_point": "last_of", "tests": ["assert last_of([1, 2]) == 2", "assert last_of([5]) == 5",
        "assert last_of(['a', 'b']) == 'b'", "assert last_of([0, 0, -3]) == -3"]}
      """#
    let given = try await grader.reward(reply, item: item)
    #expect(abs((given ?? -1) - reward) < 1e-12)
  }

  @Test(.enabled(if: CodeTools.environment != nil, "a virtual environment with ruff and bandit is needed"))
  func `the grader with tools pays for tidiness, and not for tidiness alone`() async throws {
    let venv = try #require(CodeTools.environment)
    let text = try repositoryFile("Recipes/code/grader-with-tools.json").replacing("../../.venv", with: venv)
    let grader = try compiled(text)
    let item = row(["assert last_of([1, 2]) == 2"], [("entry_point", "last_of")])
    let codes = [
      "def last_of(xs):\n    return xs[-1]\n", "import sys\n\n\ndef last_of(xs):\n    return xs[-1]\n",
      "def last_of(xs):\n    return 3\n", "import os\n\n\ndef last_of(xs):\n    return xs[-1]\n",
    ]
    let rewards = await grader.grade(codes.map { answer($0, item) }).map { $0.reward ?? -1 }
    let expected: [Double] = [1, 1 - 0.25 * 0.4 / 10, 1 / 10, 0]
    #expect(zip(rewards, expected).allSatisfy { abs($0 - $1) < 1e-12 }, "\(rewards)")
  }
}
