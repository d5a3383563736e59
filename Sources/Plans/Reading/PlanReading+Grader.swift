import Foundation
import Graders
import Records

extension PlanReading {
  /// What is wrong with the grader's definition, each at its line of the plan.
  func graderProblems() -> [Diagnostic] {
    let compilation = GraderCompiler.check(
      plan.grader, file: file, path: "grader",
      surroundings: GraderSurroundings(
        isolation: plan.unsafeNoSandbox ? .unsafe : .sandboxed,
        environment: ProcessInfo.processInfo.environment))
    return compilation.diagnostics.map { problem($0.path, $0.message, severity: $0.severity) }
      + unknownPart(among: compilation.partNames) + unnamedPart(compilation.rightPart)
  }

  /// A part that the plan names and the grader lacks. Names with a slash are parts of parts, which show when they grade.
  private func unknownPart(among parts: [String]?) -> [Diagnostic] {
    guard let parts, let right = plan.evaluation.right, !parts.contains(right), !right.contains("/") else {
      return []
    }
    let hint = EditDistance.nearest(to: right, among: parts).map { "; did you mean '\($0)'?" } ?? ""
    return [
      problem(
        "evaluation.right",
        "the grader has no part '\(right)'; its parts are \(parts.joined(separator: ", "))\(hint)")
    ]
  }

  /// A part that says what is right, beside one that pays for more, and a plan that does not name it.
  private func unnamedPart(_ right: String?) -> [Diagnostic] {
    guard let right, plan.evaluation.right == nil else { return [] }
    return [
      problem(
        "evaluation.right",
        "the grader pays for more than being right, so that few right answers have full marks; set right: \(right)",
        severity: .warning)
    ]
  }
}
