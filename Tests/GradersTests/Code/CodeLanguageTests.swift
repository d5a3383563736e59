import Foundation
import Graders
import Records
import Testing

@Suite(.enabled(if: TestPools.isSandboxPossible, "bubblewrap with user namespaces is needed"))
struct CodeLanguageTests {
  static let sums = row([["stdin": "1 2", "stdout": "3"], ["stdin": "40 2", "stdout": "42"]])

  @Test(.enabled(if: CodeTools.hasCompiler, "gcc is needed"))
  func `C is compiled once and run for each case`() async throws {
    let grader = try codeGrader(
      #""language": "c", "file": "main.c", "compile": ["gcc", "-O1", "-o", "main", "main.c"], "run": ["./main"], "timeout": 4, "weights": {"tests": 4, "compiles": 1}"#
    )
    func main(_ body: String) -> String {
      "#include <stdio.h>\n#include <stdlib.h>\n#include <unistd.h>\nint main(void) {\n\(body)\n}"
    }
    let codes = [
      main("int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\\n\", a + b); return 0;"),
      main("puts(\"3\"); return 0;"),
      main("puts(\"3\") return 0;"), main("puts(\"3\"); return 1;"), main("for (;;);"), main("abort();"),
      main("puts(\"3 42 passed\"); _exit(0);"),
    ]
    let grades = await grader.grade(codes.map { answer($0, Self.sums, fence: "c") })
    #expect(
      grades.map(\.reward) == [1, 0.6, 0, 0.2, 0.2, 0.2, 0.2],
      "\(grades.map { $0.failure?.message ?? $0.outputTail })")
    #expect(grades.map(\.mistakes) == [[], [], ["compile_error"], ["exited"], ["time_out"], ["crashed"], []])
    #expect(grades[2].outputTail.contains("expected"))
  }

  @Test(.enabled(if: CodeTools.hasCompiler, "gcc is needed"))
  func `a harness calls the function, and changing it voids the answer`() async throws {
    let harness =
      "#include <stdio.h>\\nint solve(int);\\nint main(void) { int n; scanf(\\\"%d\\\", &n); printf(\\\"%d\\\\n\\\", solve(n)); return 0; }"
    let grader = try codeGrader(
      #""language": "c", "file": "solve.c", "files": {"harness.c": "\#(harness)"}, "compile": ["gcc", "-o", "run", "harness.c", "solve.c"], "run": ["./run"]"#
    )
    let item = row([["stdin": "4", "stdout": "16"], ["stdin": "-2", "stdout": "4"]])
    let codes = [
      "int solve(int n) { return n * n; }", "int solve(int n) { return 4 * n; }",
      "#include <stdio.h>\nint solve(int n) { FILE *f = fopen(\"harness.c\", \"w\"); fputs(\"int main(void){}\", f); fclose(f); return n * n; }",
      "#include <stdio.h>\n#include <stdlib.h>\nint solve(int n) { puts(\"passed\"); exit(0); }",
    ]
    let grades = await grader.grade(codes.map { answer($0, item, fence: "c") })
    #expect(grades.map(\.reward) == [1, 0.5, 0, 0], "\(grades.map { $0.failure?.message ?? $0.outputTail })")
    #expect(grades.map { $0.metrics["tests_tampered"] } == [0, 0, 1, 0])
  }

  @Test(.enabled(if: CodeTools.toolchain != nil, "swiftc is needed"))
  func `Swift is compiled with its toolchain`() async throws {
    let toolchain = try #require(CodeTools.toolchain)
    let grader = try codeGrader(
      #""language": "swift", "file": "main.swift", "folders": ["\#(toolchain)"], "compile": ["\#(toolchain)/usr/bin/swiftc", "-o", "main", "main.swift"], "run": ["./main"]"#
    )
    let codes = [
      "let n = readLine()!.split(separator: \" \").compactMap { Int($0) }\nprint(n.reduce(0, +))",
      "print(42)", "print(42",
    ]
    let grades = await grader.grade(codes.map { answer($0, Self.sums, fence: "swift") })
    #expect(grades.map(\.reward) == [1, 0.5, 0], "\(grades.map { $0.failure?.message ?? $0.outputTail })")
    #expect(grades.map(\.mistakes) == [[], [], ["compile_error"]])
  }

  @Test func `a command without a compiler runs the file itself`() async throws {
    let grader = try codeGrader(#""language": "bash", "file": "main.sh", "run": ["sh", "main.sh"]"#)
    let grades = await grader.grade(
      ["read a b; echo $((a + b))", "echo 3", "exit 1"].map { answer($0, Self.sums, fence: "sh") })
    #expect(grades.map(\.reward) == [1, 0.5, 0])
    let missing = try codeGrader(
      #""language": "bash", "file": "main.sh", "run": ["no-such-shell", "main.sh"]"#)
    let grade = await missing.grade([answer("echo 3", Self.sums, fence: "sh")])[0]
    #expect(grade.failure?.cause == .couldNotStart)
    let calls = await grader.grade([answer("echo 3", row(["assert f(1) == 1"]), fence: "sh")])[0]
    #expect(calls.failure?.message.contains("only Python's functions can be called") == true)
  }
}
