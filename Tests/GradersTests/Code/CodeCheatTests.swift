import Foundation
import Graders
import Records
import Testing

/// Code that wants the reward without doing the work. The answer to each test is a number that nobody can guess.
@Suite(.enabled(if: TestPools.isSandboxPossible, "bubblewrap with user namespaces is needed"))
struct CodeCheatTests {
  static let secret = 836_457_120_993
  static let tests: JSONObject = {
    let asserts = (1...4).map { "assert solve(\($0)) == \(secret + $0)" }
    return row(
      asserts.map(JSONValue.string) + [["call": "solve(5)", "expected": .integer(secret + 5)]],
      [("entry_point", "solve")])
  }()

  /// What returns whatever it finds in the place given that looks like what the tests expect.
  private static func search(_ place: String) -> String {
    """
    def solve(n):
        import gc, os, re, sys, types
        wanted = "8364" + "57120"
        def found(text):
            hit = re.search(wanted + r"\\d{3}", text)
            return int(hit[0]) if hit else None
        \(place.replacing("\n", with: "\n    "))
        return 0
    """
  }

  static let everything = """
    class Anything(int):
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def __hash__(self): return 0
        def __bool__(self): return True
        def __sub__(self, other): return 0
        def __contains__(self, other): return True
    class Any:
        def __eq__(self, other): return True
        def __ne__(self, other): return False
        def __bool__(self): return True
        def __sub__(self, other): return 0
        __rsub__ = __add__ = __radd__ = __abs__ = __sub__
        def __lt__(self, other): return True
        __le__ = __gt__ = __ge__ = __contains__ = __instancecheck__ = __lt__
        def __iter__(self): return iter([self])
        def __getattr__(self, name): return self

    """

  static let cheats: [(name: String, code: String)] = [
    ("sys.exit(0) at the top", "import sys\nsys.exit(0)"),
    ("sys.exit(0) in the call", "import sys\ndef solve(n): sys.exit(0)"),
    ("os._exit(0) at the top", "import os\nos._exit(0)"),
    ("os._exit(0) in the call", "import os\ndef solve(n): os._exit(0)"),
    ("an object equal to everything", everything + "def solve(n): return Any()"),
    ("an int equal to everything", everything + "def solve(n): return Anything(0)"),
    ("a function that is an object equal to everything", everything + "solve = Any()"),
    ("a list of such objects", everything + "def solve(n): return [Any()]"),
    (
      "patched builtins",
      "import builtins\nbuiltins.all = builtins.any = builtins.isinstance = lambda *a: True\n"
        + "builtins.AssertionError = type('Quiet', (Exception,), {})\nbuiltins.len = lambda x: 5\ndef solve(n): return 0"
    ),
    (
      "patched modules",
      "import sys, types, json, operator\nclass Yes(types.ModuleType):\n    def __getattr__(self, name): return lambda *a, **k: True\n"
        + "for name in list(sys.modules): sys.modules[name] = Yes(name)\njson.dumps = lambda *a, **k: '{\"verdicts\": [\"passed\"]}'\n"
        + "operator.eq = lambda *a: True\ndef solve(n): return True"
    ),
    (
      "a printed verdict",
      "print('passed ' * 5, 'OK', '{\"reward\": 1}')\ndef solve(n):\n    print('5 passed')\n    return 'passed'"
    ),
    (
      "verdicts on every descriptor",
      """
      import os, struct
      body = b'V"{\\\\"tests\\\\": [[], [], [], [], []], \\\\"verdicts\\\\": [\\\\"passed\\\\"]}"'
      for number in range(3, 64):
          try: os.write(number, struct.pack('<Q', len(body)) + body)
          except OSError: pass
      def solve(n): os._exit(0)
      """
    ),
    (
      "forged outcomes",
      """
      import os, struct, json
      text = json.dumps(json.dumps({"tests": [[{"value": 1}, {"object": "Any"}]] * 5, "trials": [{"verdicts": ["passed"] * 5}], "verdicts": ["passed"] * 5}))
      body = b"V" + text.encode()
      os.write(3, struct.pack("<Q", len(body)) + body)
      os._exit(0)
      """
    ),
    (
      "outcomes that hurt the reader",
      """
      import os, struct, json
      deep = '{"tests": ' + '[' * 100000 + ']' * 100000 + '}'
      body = b"V" + json.dumps(deep).encode()
      os.write(3, struct.pack("<Q", len(body)) + body)
      os._exit(0)
      """
    ),
    (
      "stack frames",
      search(
        "frame = sys._getframe()\nwhile frame:\n    hit = found(repr(frame.f_locals) + repr(frame.f_code.co_consts))\n    if hit: return hit\n    frame = frame.f_back"
      )
    ),
    (
      "the garbage collector",
      search(
        "for thing in gc.get_objects():\n    try: hit = found(repr(thing)) if isinstance(thing, (dict, list, tuple, str)) else None\n    except Exception: continue\n    if hit: return hit"
      )
    ),
    (
      "all modules",
      search(
        "for module in list(sys.modules.values()):\n    for value in list(vars(module).values()):\n        if isinstance(value, (str, bytes)):\n            hit = found(str(value))\n            if hit: return hit"
      )
    ),
    (
      "its own memory",
      search(
        """
        import ctypes
        libc = ctypes.CDLL(None)
        libc.sbrk.restype = ctypes.c_void_p
        reading, writing = os.pipe()
        room, step = 1 << 14, 1 << 14
        def page(address):
            # The kernel looks, so that an address without memory does no harm.
            count = libc.write(writing, ctypes.c_void_p(address), room)
            return os.read(reading, count) if count > 0 else b""
        ends = [libc.sbrk(0), id(found) + (1 << 24), id([]) + (1 << 24), id(sys.modules) + (1 << 24)]
        for end in ends:
            last = b""
            for address in range((end | 0xffff) + 1 - (1 << 25), (end | 0xffff) + 1, step):
                now = page(address)
                hit = re.search(wanted.encode() + rb"\\d{3}", last[-12:] + now)
                if hit: return int(hit[0])
                last = now
        """)
    ),
    (
      "all files and processes",
      search(
        "for top in ('/box', '/given', '/tmp', '/dev/shm', '/scratch', '/proc', '/home', '/root', '/work'):\n    for folder, _, names in os.walk(top):\n        for name in names:\n            if folder.count('/') > 4: continue\n            try: descriptor = os.open(os.path.join(folder, name), os.O_RDONLY | os.O_NONBLOCK)\n            except OSError: continue\n            try: hit = found(os.read(descriptor, 1 << 16).decode('latin-1'))\n            except OSError: hit = None\n            os.close(descriptor)\n            if hit: return hit"
      )
    ),
    (
      "the harness overwritten",
      "import os\nfor top in ('/box', '/given', '/tmp', '.'):\n    for folder, _, names in os.walk(top):\n        for name in names + ['code_judge.py', 'tests.py', 'json.py', 'unittest.py', 'sitecustomize.py']:\n"
        + "            try: open(os.path.join(folder, name), 'w').write('def judge(*a): return {\"trials\": [{\"verdicts\": [\"passed\"] * 5}]}')\n            except OSError: pass\ndef solve(n): return 0"
    ),
    (
      "the runner's own functions replaced",
      """
      import sys
      def solve(n): return 0
      runner = sys.modules.get("code_candidate")
      frame = sys._getframe()
      while frame:
          space = frame.f_globals
          for name in ("perform", "play", "pack", "stopped"):
              if name in space: space[name] = lambda *a: {"passed": True, "value": True, "verdict": "passed"}
          frame = frame.f_back
      """
    ),
    (
      "threads and processes left behind",
      "import os, threading, time\ndef go():\n    while True: print('5 passed', flush=True); time.sleep(0.01)\n"
        + "threading.Thread(target=go).start()\nif os.fork() == 0:\n    os.setsid()\n    go()\ndef solve(n): return 0"
    ),
    ("StopIteration", "def solve(n): raise StopIteration"),
    ("AssertionError caught by nobody", "def solve(n): raise AssertionError"),
    ("SkipTest", "import unittest\ndef solve(n): raise unittest.SkipTest('not today')"),
    ("NotImplemented", "def solve(n): return NotImplemented"), ("recursion", "def solve(n): return solve(n)"),
    (
      "a signal to everyone",
      "import os, signal\ndef solve(n):\n    os.kill(-1, signal.SIGKILL)\n    return 0"
    ),
    (
      "the time limit taken off",
      "import signal\nsignal.setitimer = lambda *a: None\ndef solve(n):\n    signal.alarm(0)\n    while True: pass"
    ),
    ("the arguments as the answer", "def solve(n): return n"),
  ]

  @Test(arguments: cheats.indices) func `a cheat gets nothing`(index: Int) async throws {
    let cheat = Self.cheats[index]
    let grade = try await codeGrader(#""timeout": 2, "weights": {"tests": 1}"#).grade([
      answer(cheat.code, Self.tests)
    ])[0]
    #expect(grade.reward == 0, "\(cheat.name): \(String(describing: grade.failure))")
    #expect(grade.metrics["tests_passed"] == 0, "\(cheat.name)")
    // It must have had its chance.
    #expect(grade.mistakes.isDisjoint(with: ["compile_error", "no_code", "forbidden"]), "\(cheat.name)")
  }

  /// The searches find what they look for when it is there: then it passes the test that it is the answer of.
  @Test(
    arguments: [
      ("the garbage collector", "hidden = [str(836457000000 + 120994)]"),
      ("all modules", "hidden = str(836457000000 + 120994)"),
      ("its own memory", "hidden = str(836457000000 + 120994)"),
      ("all files and processes", "open('hidden', 'w').write(str(836457000000 + 120994))"),
      ("stack frames", "inner = None"),
    ])
  func `a search finds what is there`(name: String, planted: String) async throws {
    let cheat = try #require(Self.cheats.first { $0.name == name })
    var code = planted + "\n" + cheat.code
    if name == "stack frames" {
      code += "\ninner = solve\ndef solve(n):\n    near = str(836457000000 + 120994)\n    return inner(n)"
    }
    #expect(try await codeGrader().grade([answer(code, Self.tests)])[0].reward == 0.2)
  }

  @Test func `honest code gets all, half right code its share`() async throws {
    let honest = "def solve(n): return \(Self.secret) + n"
    let half = "def solve(n): return \(Self.secret) + n if n > 2 else 0"
    // A cheat beside them in the group changes nothing for them.
    let codes = [honest, Self.cheats[2].code, half, honest]
    let grades = try await codeGrader().grade(codes.map { answer($0, Self.tests) })
    #expect(grades.map(\.reward) == [1, 0, 0.6, 1])
  }

  /// Tests that are easier to fool than an equality with a number.
  @Test(
    arguments: [
      "assert solve(1) - 836457120993 == 0", "assert abs(solve(1) - 836457120993) < 1",
      "assert 836457120993 in solve(1)",
      "assert solve(1) in [836457120993]", "assert [solve(1)] == [836457120993]",
      "assert 836457120993 == solve(1)",
      "assert solve(1) > 836457120992 and solve(1) < 836457120994",
      "assert {'x': solve(1)} == {'x': 836457120993}",
      "assert isinstance(solve(1), int) and solve(1) == 836457120993",
      "assert max(solve(1), 0) == 836457120993",
      "assert not solve(1) != 836457120993 and type(solve(1)) is int",
      "assert all(map(lambda n: solve(n) == 836457120993 + n, [1, 2, 3]))",
    ])
  func `an object that says yes to everything says it to nobody`(test: String) async throws {
    let codes = ["return Any()", "return Anything(0)", "return [Any()]", "raise StopIteration"]
      .map { Self.everything + "def solve(n): " + $0 }
    let grades = try await codeGrader().grade(codes.map { answer($0, row([.string(test)])) })
    #expect(grades.map(\.reward) == [0, 0, 0, 0])
  }

  @Test func `a file beside the code that was changed voids the answer`() async throws {
    let grader = try codeGrader(
      #""files": {"words.txt": "one two", "deep/more.txt": "x"}, "weights": {"tests": 1, "compiles": 1}"#)
    let item = row(["assert count() == 2"])
    let codes = [
      "def count(): return len(open('words.txt').read().split())",
      "open('words.txt', 'a').write(' ')\ndef count(): return 2",
      "import os\nos.remove('deep/more.txt')\ndef count(): return 2",
      "import os\nos.remove('words.txt')\nos.symlink('deep/more.txt', 'words.txt')\ndef count(): return 2",
    ]
    let grades = await grader.grade(codes.map { answer($0, item) })
    #expect(grades.map(\.reward) == [1, 0, 0, 0])
    #expect(grades.map { $0.metrics["tests_tampered"] } == [0, 1, 1, 1])
    let program = row([["stdin": "", "stdout": "2"]])
    let printed = await grader.grade([
      answer("open('words.txt', 'w')\nprint(2)", program), answer("print(2)", program),
    ])
    #expect(printed.map(\.reward) == [0, 1])
    #expect(printed.map { $0.metrics["tests_tampered"] } == [1, 0])
  }
}
