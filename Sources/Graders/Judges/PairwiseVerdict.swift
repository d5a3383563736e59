import Records

/// What a judge says of two answers by their places.
enum PairwiseVerdict: String, CaseIterable, Sendable {
  case first = "A"
  case second = "B"
  case tie

  static let form = VerdictForm.oneOf(allCases.map(\.rawValue), name: "comparison")

  /// Nil when the text holds none.
  init?(text: String) {
    guard let label = VerdictText.label(in: text, among: Self.allCases.map(\.rawValue)) else { return nil }
    self.init(rawValue: label)
  }

  var swapped: PairwiseVerdict {
    switch self {
    case .first: .second
    case .second: .first
    case .tie: .tie
    }
  }
}

/// Two answers of a group and what came of comparing them in both orders.
struct PairwiseComparison: Sendable {
  let left: Int
  let right: Int
  /// With the left answer first.
  let straight: JudgeModel.Outcome<PairwiseVerdict>
  /// With the right answer first.
  let swapped: JudgeModel.Outcome<PairwiseVerdict>

  /// For the left answer: 1, 0, or a half where the judge sees a tie or contradicts itself. Nil when an order failed:
  /// one order alone would count the judge's liking for a place.
  var leftScore: Double? {
    guard let straight = straight.verdict.success, let swapped = swapped.verdict.success else { return nil }
    guard straight == swapped.swapped else { return 0.5 }
    return straight == .first ? 1 : straight == .second ? 0 : 0.5
  }

  /// Whether the orders gave different winners; nil when an order failed.
  var isContradictory: Bool? {
    guard let straight = straight.verdict.success, let swapped = swapped.verdict.success else { return nil }
    return straight != swapped.swapped
  }

  var failure: GradeFailure? { straight.verdict.failure ?? swapped.verdict.failure }
}

extension Result {
  var success: Success? { if case .success(let value) = self { value } else { nil } }
  var failure: Failure? { if case .failure(let error) = self { error } else { nil } }
}
