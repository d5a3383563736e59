import Testing

@testable import Algorithms

/// Advantages of hand-worked groups.
@Suite struct AdvantageTests {
  @Test(arguments: [
    ([1.0, 0.0, 0.0, 0.0], [0.75, -0.25, -0.25, -0.25]),
    ([2.0, 4.0], [-1.0, 1.0]),
    ([0.5, 0.5, 0.5], [0.0, 0.0, 0.0]),
  ])
  func `GRPO, Dr GRPO and DAPO compare with the group's mean`(rewards: [Double], expected: [Double]) {
    #expect(GRPO().advantages(of: rewards) == expected)
    #expect(DrGRPO().advantages(of: rewards) == expected)
    #expect(DAPO().advantages(of: rewards) == expected)
  }

  @Test(arguments: [
    ([1.0, 0.0, 0.0, 0.0], [1.0, -1.0 / 3, -1.0 / 3, -1.0 / 3]),
    ([2.0, 4.0], [-2.0, 2.0]),
    ([0.25, 0.25], [0.0, 0.0]),
  ])
  func `RLOO compares with the mean of the others`(rewards: [Double], expected: [Double]) {
    for (a, b) in zip(RLOO().advantages(of: rewards), expected) { #expect(abs(a - b) < 1e-12) }
  }
}
