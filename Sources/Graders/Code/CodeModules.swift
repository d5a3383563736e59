import Records

/// The parts of the code grader that are Python, for the warm process: none of them holds anything of a row or an answer.
enum CodeModules {
  static let judge = "code_judge"
  static let candidate = "code_candidate"
  static let program = "code_program"
  static let inspection = "code_inspection"

  static let all: [PythonModule] = {
    let values = text(PackageResources.code_values_py)
    return [
      PythonModule(judge, source: values + text(PackageResources.code_judge_py)),
      PythonModule(candidate, source: values + text(PackageResources.code_candidate_py)),
      PythonModule(program, source: text(PackageResources.code_program_py)),
      PythonModule(inspection, source: text(PackageResources.code_inspection_py)),
    ]
  }()

  /// A call of a module's function.
  static func call(_ function: String, of module: String, _ arguments: [JSONValue]) -> SandboxJob.Program {
    .python(
      PythonCall(
        source: "from \(module) import \(function)", fileName: "code_call.py", function: function,
        arguments: arguments))
  }

  private static func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
}
