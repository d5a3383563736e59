import Foundation
import Graders
import Records

/// Grades a second of a small Python grader: in the sandbox, without one, and of `python3 -c` alone; and of the code
/// grader.
///
///     swift run -c release operant-sandbox-bench [grades]
@main
struct SandboxBench {
  /// What a user's grader looks like: reads the answer, compares, gives partial credit.
  static let source = """
    import json, re

    def grade(sample, item):
        numbers = re.findall(r"-?\\d+", sample["output_text"])
        if not numbers:
            return 0.0
        return 1.0 if int(numbers[-1]) == item["answer"] else 0.1
    """

  static func main() async throws {
    let count = CommandLine.arguments.dropFirst().first.flatMap { Int($0) } ?? 1000
    let cores = ProcessInfo.processInfo.activeProcessorCount
    print("\(count) grades, \(cores) cores")
    print("way                      at once   grades/s   median ms   p99 ms")
    for isolation in [GraderSurroundings.Isolation.sandboxed, .unsafe] {
      let definition: JSONValue = ["type": "python", "source": .string(source)]
      let grader = try GraderCompiler.compile(
        definition, surroundings: GraderSurroundings(isolation: isolation))
      let sample = GradingSample(outputText: "It is 42.", item: JSONObject([("answer", 42)]))
      let first = await grader.grade([GradingSample](repeating: sample, count: cores * 2))
      guard first.allSatisfy({ $0.reward == 1 }) else {
        print(first.compactMap(\.failure).first.map(\.description) ?? "a wrong grade")
        continue
      }
      let name = isolation == .sandboxed ? "sandbox" : "no sandbox, warm"
      for width in Set([1, cores]).sorted() {
        try await measure(name, width, count) {
          guard await grader.grade([sample])[0].reward == 1 else { throw WrongGrade() }
        }
      }
    }
    try await measureCode(count)
    let program =
      source + """

        print(grade({"output_text": "It is 42."}, {"answer": 42}))
        """
    for width in Set([1, cores]).sorted() {
      try await measure("python3 -I -S -c", width, count / 4) { try runPython(program) }
    }
  }

  /// Answers of the code grader in groups as a run grades them: a small function, five tests, no two answers alike.
  private static func measureCode(_ count: Int) async throws {
    let grader = try GraderCompiler.compile(["type": "code"])
    let tests = (1...5).map { JSONValue.string("assert scaled(\($0)) == \(3 * $0)") }
    let item = JSONObject([("entry_point", "scaled"), ("tests", .array(tests))])
    let group = (0..<8).map {
      GradingSample(outputText: "def scaled(n):\n    return 3 * n + \($0 % 2)\n", item: item)
    }
    guard await grader.grade(group).map(\.reward) == (0..<8).map({ $0 % 2 == 0 ? 1 : 0 }) else {
      return print("the code grader gives a wrong grade")
    }
    for width in [1, 2] {
      try await measure("code, groups of 8", width, count / 8, answers: 8) {
        guard await grader.grade(group)[0].reward == 1 else { throw WrongGrade() }
      }
    }
  }

  struct WrongGrade: Error {}

  /// Calls `work` from `width` tasks, `count` times in all, and prints a row; each call grades so many answers.
  private static func measure(
    _ name: String, _ width: Int, _ count: Int, answers: Int = 1,
    _ work: @escaping @Sendable () async throws -> Void
  ) async throws {
    let start = ContinuousClock.now
    let times = try await withThrowingTaskGroup(of: [Double].self) { tasks in
      for _ in 0..<width {
        tasks.addTask {
          var times: [Double] = []
          for _ in 0..<(count / width) {
            let start = ContinuousClock.now
            try await work()
            times.append(milliseconds(ContinuousClock.now - start))
          }
          return times
        }
      }
      return try await tasks.reduce(into: []) { $0 += $1 }.sorted()
    }
    let rate = Double(times.count * answers) / milliseconds(ContinuousClock.now - start) * 1000
    let columns = [rate, times[times.count / 2], times[times.count * 99 / 100]]
      .map { String(format: "%.1f", $0) }
    print(
      name.padding(toLength: 25, withPad: " ", startingAt: 0)
        + String(width).padding(toLength: 10, withPad: " ", startingAt: 0)
        + columns[0].padding(toLength: 11, withPad: " ", startingAt: 0)
        + columns[1].padding(toLength: 12, withPad: " ", startingAt: 0) + columns[2])
  }

  @Sendable private static func runPython(_ program: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/python3")
    process.arguments = ["-I", "-S", "-c", program]
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    guard String(decoding: text, as: UTF8.self) == "1.0\n" else { throw WrongGrade() }
  }

  private static func milliseconds(_ duration: Duration) -> Double {
    Double(duration.components.seconds) * 1000 + Double(duration.components.attoseconds) * 1e-15
  }
}
