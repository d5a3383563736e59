import Foundation
import Graders
import Records
import Testing

@Suite(.enabled(if: TestPools.isSandboxPossible, "bubblewrap with user namespaces is needed"))
struct SandboxPoolTests {
  static let pools = [TestPools.sandboxed, TestPools.unsafe]

  @Test(arguments: pools) func `a function's value comes back, and what it printed apart from it`(
    _ pool: SandboxPool
  ) async {
    let source =
      "import sys\ndef f(a, b):\n  print('out'); print('err', file=sys.stderr)\n  return {'sum': a + b['x'], 'l': (1, None, True, 'é\\ud800')}"
    let result = await pool.run(.python(source, arguments: [1.5, ["x": 2]]))
    #expect(result.ending == .returned(["sum": 3.5, "l": [1, nil, true, "é?"]]))
    #expect(result.output == "out\n")
    #expect(result.outputTail == "err\n")
    #expect(result.wallSeconds > 0 && result.peakMemoryBytes > 1 << 20)
  }

  @Test(arguments: [
    ("float('nan')", true), ("[1.0, float('inf')]", true), ("10 ** 400", true), ("2 ** 70", false),
    ("__import__('decimal').Decimal('0.5')", false), ("__import__('fractions').Fraction(1, 2)", false),
  ])
  func `numbers that JSON lacks come back`(expression: String, isBeyond: Bool) async throws {
    let value = try #require(await TestPools.sandboxed.run(.python("def f(): return \(expression)")).value)
    let number = try #require(value.double ?? value.array?.last?.double)
    #expect(number.isFinite != isBeyond)
  }

  @Test(arguments: [("object()", "object"), ("{1, 2}", "set"), ("lambda: 1", "function"), ("1j", "complex")])
  func `what has no form in JSON is told by its type`(expression: String, type: String) async {
    let result = await TestPools.sandboxed.run(.python("def f(): return \(expression)"))
    #expect(result.ending == .returnedOther(type: type))
  }

  @Test(arguments: pools) func `an exception has its line and its traceback`(_ pool: SandboxPool) async throws
  {
    let result = await pool.run(.python("def g(x):\n  return 1 / x\n\ndef f():\n  return g(0)"))
    guard case .raised(let exception) = result.ending else {
      Issue.record("\(result.ending)")
      return
    }
    #expect(exception.type == "ZeroDivisionError")
    #expect(exception.line == 2)
    #expect(exception.traceback.contains("return 1 / x"))
    #expect(!exception.traceback.contains("zygote"))
  }

  @Test(arguments: pools) func `a command has files, input, environment, and hands files back`(
    _ pool: SandboxPool
  ) async {
    let script = """
      cat; echo "$GREETING"; cmp "$OPERANT_GIVEN/sub/a" ../given/sub/a && cat ../given/sub/a; ./tool; mkdir -p out; printf xyz > out/b; ln -s /etc/hostname l
      mkfifo pipe; exit 3
      """
    let job = SandboxJob(
      .command(["sh", "-c", script]),
      files: [
        SandboxFile("sub/a", text: "given\n"),
        SandboxFile("tool", text: "#!/bin/sh\necho tool\n", in: .box, isExecutable: true),
      ],
      standardInput: Array("input\n".utf8), environment: ["GREETING": "hello"],
      collect: ["out/b", "l", "pipe", "missing"])
    let result = await pool.run(job)
    #expect(result.ending == .exited(3))
    #expect(result.output == "input\nhello\ngiven\ntool\n")
    #expect(result.collected == ["out/b": Array("xyz".utf8)])
  }

  @Test func `large input, output and results pass whole`() async {
    let text = String(repeating: "0123456789", count: 100_000)
    let source = "import sys\ndef f(x):\n  sys.stdout.write(sys.stdin.read())\n  return x"
    var job = SandboxJob.python(
      source, arguments: [.string(text)], limits: SandboxLimits(outputBytes: 2 << 20))
    job.standardInput = Array(text.utf8)
    let result = await TestPools.sandboxed.run(job)
    #expect(result.ending == .returned(.string(text)))
    #expect(result.standardOutput == job.standardInput)
  }

  @Test func `every job draws the same random numbers`() async {
    let source =
      "import random\ndef f(): return [random.random(), sorted({'a', 'b', 'c'}), list({'x', 'y', 'z'})]"
    var seen: Set<SandboxEnding> = []
    for _ in 0..<3 {
      seen.insert(await TestPools.sandboxed.run(.python(source)).ending)
      seen.insert(await SandboxPool(.sandboxed, workers: 1).run(.python(source)).ending)
    }
    #expect(seen.count == 1)
  }

  @Test func `many jobs at once are all answered, in few processes`() async {
    let answers = await withTaskGroup(of: Int?.self) { tasks in
      for number in 0..<100 {
        tasks.addTask {
          await TestPools.sandboxed.run(.python("def f(x): return x", arguments: [.integer(number)])).value?
            .integer
        }
      }
      return await tasks.reduce(into: Set<Int>()) { if let answer = $1 { $0.insert(answer) } }
    }
    #expect(answers.count == 100)
  }

  @Test(arguments: pools) func `a cancelled task ends its job`(_ pool: SandboxPool) async throws {
    let job = SandboxJob.python(
      "import time\ndef f(): time.sleep(60)", limits: SandboxLimits(wallSeconds: 60))
    let task = Task { await pool.run(job) }
    try await Task.sleep(for: .milliseconds(300))
    task.cancel()
    guard case .couldNotStart = await task.value.ending else {
      Issue.record("a cancelled job must not have a result")
      return
    }
    #expect(await pool.run(.python("def f(): return 1")).value == 1)
  }

  @Test func `a warm process that is killed is replaced, and the job tried again`() async {
    let pool = SandboxPool(.unsafe, workers: 1)
    // Without a sandbox the code can reach its makers: job, keeper, supervisor, zygote. It ends the
    // supervisor once, and the zygote gives up as the channel may hold half an answer.
    let mark = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString).path
    let source = """
      import os, time
      def parent(process): return int(open(f'/proc/{process}/stat').read().rpartition(')')[2].split()[1])
      def f(mark):
        if not os.path.exists(mark):
          open(mark, 'w').close()
          os.kill(parent(os.getppid()), 9); time.sleep(20)
        return 'second'
      """
    #expect(await pool.run(.python(source, arguments: [.string(mark)])).ending == .returned("second"))
    try? FileManager.default.removeItem(atPath: mark)
  }

  @Test func `a queue that is full refuses`() async {
    let pool = SandboxPool(.sandboxed, workers: 1, capacity: 1)
    let endings = await withTaskGroup(of: SandboxEnding.self) { tasks in
      for _ in 0..<12 {
        tasks.addTask {
          await pool.run(.python("import time\ndef f():\n  time.sleep(0.2)\n  return 1")).ending
        }
      }
      return await tasks.reduce(into: []) { $0.append($1) }
    }
    #expect(endings.contains(.couldNotStart("too many jobs wait for a sandbox")))
    #expect(endings.contains(.returned(1)))
  }

  @Test(arguments: [
    (SandboxJob(.command(["no-such-program"])), "cannot run 'no-such-program' in the sandbox"),
    (SandboxJob(.command([])), "the command is empty"),
    (SandboxJob(.command(["true"]), files: [SandboxFile("../x", [])]), "'../x' is no path inside"),
    (SandboxJob(.command(["true"]), readOnlyFolders: ["/no/such"]), "there is no folder '/no/such'"),
    (SandboxJob(.command(["true"]), readOnlyFolders: ["/"]), "cannot be shown"),
    (SandboxJob(.command(["true"]), python: SandboxPython(path: "/no/python")), "there is no Python"),
    (
      SandboxJob(.command(["true"]), python: SandboxPython(path: "/bin/true")), "no usable Python interpreter"
    ),
    (SandboxJob(.command(["true"]), limits: SandboxLimits(wallSeconds: 0)), "the time limit is 0.0 seconds"),
  ])
  func `a job that cannot be is refused with a sentence`(job: SandboxJob, sentence: String) async {
    guard case .couldNotStart(let reason) = await TestPools.sandboxed.run(job).ending else {
      Issue.record("it ran")
      return
    }
    #expect(reason.contains(sentence), "\(reason)")
  }

  @Test func `a virtual environment gives its packages, and a folder its modules`() async throws {
    let folder = try TestFolder()
    try folder.write("modules/mine.py", "value = 'mine'")
    try folder.write("tools/notes.txt", "notes")
    // Below /tmp, where a job has a folder of its own.
    let environment = folder.path + "/venv"
    let made = Process()
    made.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    made.arguments = ["python3", "-m", "venv", "--without-pip", environment]
    try made.run()
    made.waitUntilExit()
    try #require(made.terminationStatus == 0, "python3 -m venv works here")
    let library = try #require(
      try FileManager.default.contentsOfDirectory(atPath: environment + "/lib").first {
        $0.hasPrefix("python3")
      })
    try folder.write(
      "venv/lib/\(library)/site-packages/theirs.py", "import os\nvalue = os.environ.get('HOME')")

    let source = """
      import mine, theirs, sys
      def f(): return [mine.value, theirs.value, open('\(folder.path)/tools/notes.txt').read(), sys.prefix == '\(environment)']
      """
    let python = SandboxPython(
      path: environment, folders: [folder.path + "/modules"], preload: ["theirs", "nothing"])
    for pool in [TestPools.sandboxed, TestPools.unsafe] {
      var job = SandboxJob.python(source, python: python)
      job.readOnlyFolders = [folder.path + "/tools"]
      let result = await pool.run(job)
      #expect(result.value?.array?.first == "mine", "\(result.ending)")
      // Loaded before the job, and told of the HOME that jobs have where that is known then.
      #expect(result.value?.array?[1] == (pool.isolation == .sandboxed ? "/box" : .null))
      #expect(result.value?.array?.suffix(2) == ["notes", true])
    }
    let bare = await TestPools.sandboxed.run(.python("import theirs\ndef f(): return 1"))
    guard case .raised(let exception) = bare.ending else {
      Issue.record("\(bare.ending)")
      return
    }
    #expect(exception.type == "ModuleNotFoundError")
  }

  @Test func `a program in C is built in one job and run in another`() async throws {
    try #require(FileManager.default.isExecutableFile(atPath: "/usr/bin/cc"), "a C compiler is there")
    let source =
      "#include <stdio.h>\nint main(void) { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\", a * b); }"
    let build = await TestPools.sandboxed.run(
      SandboxJob(
        .command(["cc", "-o", "product", "/given/product.c"]),
        files: [SandboxFile("product.c", text: source)], collect: ["product"]))
    #expect(build.ending == .exited(0), "\(build.outputTail)")
    let program = try #require(build.collected["product"])
    let result = await TestPools.sandboxed.run(
      SandboxJob(
        .command(["/given/product"]), files: [SandboxFile("product", program, isExecutable: true)],
        standardInput: Array("6 7".utf8)))
    #expect(result.output == "42")
  }
}

extension SandboxPool: CustomTestStringConvertible {
  package var testDescription: String { isolation == .unsafe ? "without a sandbox" : "in the sandbox" }
}
