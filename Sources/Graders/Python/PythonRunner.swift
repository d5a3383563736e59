import Records

/// Our side of a reward function in Python: a package that lies beside the user's file in the sandbox and calls it.
enum PythonRunner {
  /// The package's files, in the read-only folder of a job.
  static let files: [SandboxFile] = [
    ("grading", PackageResources.grading_py),
    ("conventions", PackageResources.conventions_py),
    ("calls", PackageResources.calls_py),
    ("results", PackageResources.results_py),
    ("openai_grade", PackageResources.openai_grade_py),
    ("verl_score", PackageResources.verl_score_py),
    ("trl_rewards", PackageResources.trl_rewards_py),
    ("lambda_handler", PackageResources.lambda_handler_py),
    ("verifiers_rubric", PackageResources.verifiers_rubric_py),
    ("reasoning_gym_score", PackageResources.reasoning_gym_score_py),
    ("reasoning_gym_rows", PackageResources.reasoning_gym_rows_py),
  ].map { SandboxFile("operant_rewards/\($0).py", $1) }

  /// Calls `grading.FUNCTION(arguments)`.
  static func call(_ function: String, _ arguments: [JSONValue]) -> PythonCall {
    PythonCall(
      source: "from operant_rewards.grading import \(function)\n", fileName: "operant_call.py",
      function: function, arguments: arguments)
  }
}
