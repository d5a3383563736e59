package import Records

extension Grader {
  /// The grades of a group, whatever the grader's author did: one a sample, finite, with latency and version.
  package func checkedGrades(of group: [GradingSample]) async -> [Grade] {
    let start = ContinuousClock.now
    let grades = await grade(group)
    let took = start.duration(to: .now)
    guard grades.count == group.count else {
      let failure = GradeFailure(
        .other, "the grader returned \(grades.count) grades for \(group.count) samples; expected one a sample"
      )
      return group.map { _ in Grade(.failed(failure)).completed(by: identity, took: took) }
    }
    return grades.map { $0.completed(by: identity, took: took) }
  }
}
