import Records

extension PlanReading {
  /// What is wrong with the grader's definition, each at its line.
  func graderProblems() -> [Diagnostic] {
    guard plan.grader.object != nil else { return [] }
    guard plan.grader["type"]?.string != nil else {
      return [problem("grader.type", "the grader has no type; expected the name of a kind of grader")]
    }
    return []
  }
}
