import Records

/// Rewards right answers for being short, and wrong ones for nothing: 0 to 1 among the answers that another part of
/// the combination calls right, 0 for all others.
///
/// A stretch of the answer is held against the right answers of its group, `1 - tokens / (2 * theirs)`: half the length
/// earns 0.75, the same 0.5, twice as much 0. Or against a budget: 1 within it, then falling in a straight line.
/// Kimi k1.5 (arXiv 2501.12599) and Arora & Zanette (arXiv 2502.04463) also compare within the group; the scale here is
/// fixed and not the group's range or deviation, so that answers that differ by one token differ by little.
struct BrevityGrader: SiblingGrader {
  let identity: GraderIdentity
  let sibling: String
  private let atLeast: Scheduled
  private let stretches: [MeasuredStretch]

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    let places = MeasuredStretch.Place.allCases
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["among", "at_least"] + places.map(\.rawValue),
      of: "a brevity grader")
    atLeast = reader.scheduled("at_least", from: -.infinity) ?? Scheduled(1)
    let given = places.compactMap { reader.measuredStretch($0) }
    let isBare = places.allSatisfy { reader.object[$0.rawValue] == nil }
    stretches = isBare ? [MeasuredStretch(place: .whole, measure: .group(.median), weight: 1)] : given
    if !reader.isPart {
      reader.problems.error(
        reader.path,
        "a brevity grader must be a part of a multi grader, beside the part that says what is right")
    }
    guard
      let sibling = reader.requiredString("among", "the name of the part that says which answers are right")
    else { return nil }
    (self.identity, self.sibling) = (identity, sibling)
  }

  func grade(_ group: [GradingSample], siblings: [Grade]) -> [Grade] {
    let isRight = zip(group, siblings).map { sample, grade in
      let level = atLeast.value(at: sample.moment) - FullMarks.tolerance
      return grade.reward.map { $0 >= level } ?? false
    }
    let right = group.indices.filter { isRight[$0] }
    var scores = [Double](repeating: 0, count: group.count)
    let total = stretches.reduce(0) { $0 + $1.weight }
    for stretch in stretches {
      var lengths: [Double] = []
      for index in right {
        guard let length = stretch.place.length(of: group[index]) else {
          return group.map { _ in Grade(.failed(stretch.place.uncounted)) }
        }
        lengths.append(Double(length))
      }
      let earned = stretch.scores(of: lengths, at: group.first?.moment ?? .final)
      for (index, score) in zip(right, earned) { scores[index] += stretch.weight * score / total }
    }
    return group.indices.map { index in
      if let failure = siblings[index].failure { return Grade(.failed(failure)) }
      return Grade(.reward(isRight[index] ? min(1, scores[index]) : 0))
    }
  }
}
