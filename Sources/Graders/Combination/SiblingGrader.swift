import Records

/// A grader that goes by what another part of its combination says of the same answers.
///
/// It can only stand inside a combination, and the part that it names must be a grader of its own.
protocol SiblingGrader: Grader {
  /// The part that it goes by.
  var sibling: String { get }

  /// Grades the attempts at one Example; `siblings` are the other part's grades of them, in order.
  func grade(_ group: [GradingSample], siblings: [Grade]) -> [Grade]
}

extension SiblingGrader {
  /// Without its combination there is nothing to go by; compilation rules this out.
  func grade(_ group: [GradingSample]) async -> [Grade] {
    let failure = GradeFailure(.other, "goes by the part '\(sibling)' and was asked for a grade without it")
    return group.map { _ in Grade(.failed(failure)) }
  }
}
