import Foundation
import Graders
import Records
import Testing

struct SandboxPoolTests {
  @Test func `a function is called and its value comes back`() async {
    let pool = SandboxPool(.sandboxed, workers: 1)
    print(await pool.unavailability() ?? "available")
    let call = PythonCall(
      source:
        "import os\ndef f(a, b):\n  print('hello')\n  return {'sum': a + b, 'id': os.getuid(), 'ls': os.listdir('/'), 'proc': [p for p in os.listdir('/proc') if p.isdigit()], 'box': os.getcwd(), 'env': dict(os.environ), 'fd': os.listdir('/proc/self/fd'), 'st': open('/proc/self/status').read(), 'm': open('/proc/self/mounts').read()}",
      function: "f", arguments: [1, 2])
    let result = await pool.run(SandboxJob(.python(call)))
    print(
      result.ending, String(decoding: result.standardOutput, as: UTF8.self),
      String(decoding: result.standardError, as: UTF8.self), result.wallSeconds, result.peakMemoryBytes)
    let c = await pool.run(
      SandboxJob(
        .command(["sh", "-c", "cat; ls -la /box /given; cat /given/a/b; echo x > out; id"]),
        files: [SandboxFile("a/b", text: "given!\n")], standardInput: Array("input\n".utf8), collect: ["out"])
    )
    print(
      c.ending, String(decoding: c.standardOutput, as: UTF8.self),
      String(decoding: c.standardError, as: UTF8.self), c.collected)
    let clock = ContinuousClock()
    for pool in [pool, SandboxPool(.unsafe, workers: 1)] {
      let t = await clock.measure {
        for _ in 0..<200 {
          _ = await pool.run(
            SandboxJob(.python(PythonCall(source: "def f(x): return x", function: "f", arguments: [1]))))
        }
      }
      print(pool.isolation, t / 200)
    }
  }
}
