import Foundation
import Graders
import Records

/// A grader of a definition without its type.
func codeGrader(_ more: String = "", folder: String = "") throws -> any Grader {
  let fields = more.isEmpty ? "" : ", " + more
  return try GraderCompiler.compile(
    try JSONValue(parsing: #"{"type": "code", "name": "code"\#(fields)}"#),
    surroundings: GraderSurroundings(folder: folder))
}

extension Grade {
  /// The mistakes that its metrics name.
  var mistakes: Set<String> {
    let names = [
      "no_code", "compile_error", "exception", "no_entry_point", "time_out", "memory_limit", "output_limit",
      "exited",
      "crashed", "tests_tampered", "forbidden",
    ]
    return Set(names.filter { metrics[$0] == 1 })
  }
}

/// A row with tests; strings are asserts.
func row(_ tests: [JSONValue], _ more: [(String, JSONValue)] = []) -> JSONObject {
  JSONObject([("tests", .array(tests))] + more)
}

func answer(_ code: String, _ row: JSONObject, fence: String = "python") -> GradingSample {
  GradingSample(outputText: "Here it is:\n\n```\(fence)\n\(code)\n```\nDone.", item: row)
}

enum CodeTools {
  /// The virtual environment of the tests, where ruff and bandit are.
  static let environment: String? = {
    let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let venv = root.appendingPathComponent(".venv").resolvingSymlinksInPath().path
    let isThere = ["ruff", "bandit"].allSatisfy {
      FileManager.default.isExecutableFile(atPath: "\(venv)/bin/\($0)")
    }
    if !isThere {
      print("tests with ruff and bandit are left out: there is no .venv with them (Scripts/setup.sh venv)")
    }
    return isThere ? venv : nil
  }()

  static let hasCompiler: Bool = {
    let isThere = FileManager.default.isExecutableFile(atPath: "/usr/bin/gcc")
    if !isThere { print("tests of the code grader with C are left out: there is no /usr/bin/gcc") }
    return isThere
  }()

  /// The folder of the Swift toolchain.
  static let toolchain: String? = {
    for folder in (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    where FileManager.default.isExecutableFile(atPath: "\(folder)/swiftc") {
      let program = URL(fileURLWithPath: "\(folder)/swiftc").resolvingSymlinksInPath()
        .deletingLastPathComponent()
      let root = program.deletingLastPathComponent().deletingLastPathComponent().path
      // What lies in /usr is seen anyway.
      return program.path.hasPrefix("/usr/bin") ? "/usr/bin" : root
    }
    print("the test of the code grader with Swift is left out: there is no swiftc on the PATH")
    return nil
  }()
}
