import Graders
import Records

extension PlanReading {
  /// What is wrong with the grader's definition, each at its line of the plan.
  func graderProblems() -> [Diagnostic] {
    GraderCompiler.check(plan.grader, file: file, path: "grader").diagnostics.map {
      problem($0.path, $0.message, severity: $0.severity)
    }
  }
}
