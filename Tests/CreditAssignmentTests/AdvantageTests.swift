import Testing

@testable import CreditAssignment

/// Advantages of hand-worked groups.
@Suite struct AdvantageTests {
  struct Case: Sendable {
    var rewards: [Double]
    var toMean: [Double]
    var leaveOneOut: [Double]
  }

  static let cases: [Case] = [
    Case(
      rewards: [1, 0, 0, 0], toMean: [0.75, -0.25, -0.25, -0.25], leaveOneOut: [3, -1, -1, -1].map { $0 / 3 }),
    Case(rewards: [2, 4], toMean: [-1, 1], leaveOneOut: [-2, 2]),
    Case(rewards: [0.5, 0.5, 0.5], toMean: [0, 0, 0], leaveOneOut: [0, 0, 0]),
  ]

  @Test(arguments: cases)
  func `GRPO, Dr GRPO and DAPO compare with the group's mean`(group: Case) {
    #expect(GRPO().advantages(of: group.rewards) == group.toMean)
    #expect(DrGRPO().advantages(of: group.rewards) == group.toMean)
    #expect(DAPO().advantages(of: group.rewards) == group.toMean)
  }

  @Test(arguments: cases)
  func `RLOO compares with the mean of the others`(group: Case) {
    for (a, b) in zip(RLOO().advantages(of: group.rewards), group.leaveOneOut) { #expect(abs(a - b) < 1e-12) }
  }
}
