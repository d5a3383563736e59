import Foundation
import Graders
import Records
import Testing

/// What hostile code may try. Each is contained, has an ending with a name, and leaves the pool at work.
@Suite(.enabled(if: TestPools.isSandboxPossible, "bubblewrap with user namespaces is needed"))
struct EscapeTests {
  @Test(arguments: EscapeAttempt.all)
  func `as root, if the tests are`(_ attempt: EscapeAttempt) async throws {
    try await check(attempt, TestPools.sandboxed)
  }

  @Test(
    .enabled(if: geteuid() == 0, "without root this is the same as the other"), arguments: EscapeAttempt.all)
  func `as a plain user`(_ attempt: EscapeAttempt) async throws {
    try await check(attempt, TestPools.plainUser)
  }

  @Test func `there are many ways to try`() {
    #expect(EscapeAttempt.all.count >= 60)
    #expect(Set(EscapeAttempt.all.map(\.name)).count == EscapeAttempt.all.count)
  }

  private func check(_ attempt: EscapeAttempt, _ pool: SandboxPool) async throws {
    let result = await pool.run(attempt.job)
    #expect(
      attempt.matches(result.ending),
      "\(result.ending) \(result.output.prefix(300)) \(result.outputTail.prefix(300))")
    #expect(result.wallSeconds < attempt.job.limits.wallSeconds + 2)
    let after = await pool.run(.python("def f(): return 'alive'"))
    #expect(after.ending == .returned("alive"))
  }

  @Test func `nothing is left for the next job, neither files nor processes`() async {
    for pool in [TestPools.sandboxed, TestPools.plainUser] {
      let leave = """
        import os
        def f():
          for folder in ('/box', '/tmp', '/dev/shm'): open(folder + '/left', 'w').write('x')
          if os.fork() == 0:
            os.setsid(); os.execvp('sleep', ['sleep', '91827'])
        """
      let look = "import os\ndef f(): return [os.listdir(x) for x in ('/box', '/tmp', '/dev/shm')]"
      for _ in 0..<4 {
        _ = await pool.run(.python(leave))
        #expect(await pool.run(.python(look)).value == [[], [], []])
      }
      #expect(!Self.commandLines().contains { $0.contains("91827") })
    }
  }

  @Test func `what one job was given is not in the memory of the next`() async {
    let scan = """
      import ctypes
      def f(half):
        word, found = (half + half[::-1]).encode(), 0
        for line in open('/proc/self/maps'):
          span, rights = line.split()[:2]
          start, end = (int(x, 16) for x in span.split('-'))
          if 'r' in rights and 'w' in rights and '[v' not in line: found += ctypes.string_at(start, end - start).count(word)
        return found
      """
    let pool = SandboxPool(.sandboxed, workers: 1)
    let half = "zQ7kW9pX"
    let secret = half + String(half.reversed())
    let hold = "def f(word): return len(word) * len(open('/given/w').read())"
    for _ in 0..<3 {
      let job = SandboxJob.python(hold, arguments: [.string(secret)], files: [SandboxFile("w", text: secret)])
      #expect(await pool.run(job).value == 256)
    }
    // The joined word itself is one or two hits of the scan's own; with the earlier jobs' data there would be more.
    let own = await SandboxPool(.sandboxed, workers: 1).run(.python(scan, arguments: [.string(half)])).value
    #expect(await pool.run(.python(scan, arguments: [.string(half)])).value == own)
  }

  @Test func `a secret in the environment of this process is not seen`() async {
    setenv("OPERANT_TEST_SECRET", "hidden-treasure", 1)
    let pool = SandboxPool(.sandboxed, workers: 1)
    let result = await pool.run(
      SandboxJob(.command(["sh", "-c", "env; cat /proc/*/environ /proc/*/cmdline"])))
    #expect(!result.output.contains("hidden-treasure"))
    #expect(result.output.contains("HOME=/box"))
    unsetenv("OPERANT_TEST_SECRET")
  }

  private static func commandLines() -> [String] {
    let processes = (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? []
    return processes.filter { Int($0) != nil }.compactMap {
      FileManager.default.contents(atPath: "/proc/\($0)/cmdline").map { String(decoding: $0, as: UTF8.self) }
    }
  }
}
