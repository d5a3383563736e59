import Records
import Testing

@testable import CreditAssignment

/// Credit of hand-worked groups, for every aggregation, scale and way with truncated episodes.
@Suite struct CreditingTests {
  /// Group A: rewards 1 and 0, answers of 2 and 4 tokens. Group B: rewards 1, 0, 0, of 1, 3 and 2 tokens.
  /// Advantages before scaling: 1/2, -1/2; 2/3, -1/3, -1/3. Trained: 5 episodes, 12 tokens.
  static let two = [
    group("A", Attempt(1, tokens: 2), Attempt(0, tokens: 4)),
    group("B", Attempt(1, tokens: 1), Attempt(0, tokens: 3), Attempt(0, tokens: 2)),
  ]
  static let advantages = [[1.0 / 2, -1.0 / 2], [2.0 / 3, -1.0 / 3, -1.0 / 3]]
  static let lengths = [[2.0, 4], [1, 3, 2]]
  /// Sample standard deviations: A {1, 0}: sqrt(1/2). B {1, 0, 0}: sqrt(1/3). All {1, 0, 1, 0, 0}: sqrt(0.3).
  static let deviations = [0.5, 1.0 / 3].map { Double.squareRoot($0)() + 1e-4 }
  static let batchDeviation = Double(0.3).squareRoot() + 1e-4

  static func plan(
    _ name: AlgorithmName = .grpo, _ aggregation: Aggregation = .token, _ scale: AdvantageScale = .off,
    _ truncated: TruncatedEpisodes = .keep, penalty: Double = 0.5
  ) -> AlgorithmPlan {
    AlgorithmPlan(
      name: name, aggregation: aggregation, scale: scale, truncated: truncated, truncationPenalty: penalty)
  }

  static func credit(_ groups: [GradedGroup], _ plan: AlgorithmPlan, maxTokens: Int = 10) -> CreditedStep {
    Crediting(plan, maxTokens: maxTokens).credit(groups)
  }

  @Test func `advantages are taken from a standing where the grader gives one`() {
    var given = [group("A", Attempt(1), Attempt(1), Attempt(0))]
    for (index, standing) in [1.5, -0.5, -1].enumerated() {
      given[0].episodes[index].grade.standing = standing
    }
    let step = Self.credit(given, Self.plan())
    #expect(isClose(step.policyWeights[0], [0.5, -1.0 / 6, -1.0 / 3]))
    // Equal standings of unequal rewards are no signal.
    for index in 0..<3 { given[0].episodes[index].grade.standing = 0 }
    #expect(Self.credit(given, Self.plan()).zeroVarianceGroups == 1)
  }

  static let shapes: [(Aggregation, AdvantageScale)] = Aggregation.allCases.flatMap { aggregation in
    AdvantageScale.allCases.map { (aggregation, $0) }
  }

  @Test(arguments: shapes)
  func `two groups get the closed form's weights`(aggregation: Aggregation, scale: AdvantageScale) {
    let step = Self.credit(Self.two, Self.plan(.grpo, aggregation, scale))
    for (place, group) in step.groups.enumerated() {
      for (index, entry) in group.enumerated() {
        let divisor =
          switch scale {
          case .off: 1.0
          case .group: Self.deviations[place]
          case .batch: Self.batchDeviation
          }
        let normaliser =
          switch aggregation {
          case .token: 1.0 / 12
          case .sequence: 1 / (5 * Self.lengths[place][index])
          case .fixedLength: 1.0 / 50
          }
        let count = Int(Self.lengths[place][index])
        let weight = Self.advantages[place][index] / divisor * normaliser
        #expect(isClose(entry.credit.policy, [0, 0] + .init(repeating: weight, count: count)))
        #expect(isClose(entry.credit.regularisation, [0, 0] + .init(repeating: normaliser, count: count)))
      }
    }
    #expect(step.groups.map(\.count) == [2, 3])
  }

  /// Pitfall of GRPO's per-sequence mean: a long wrong answer's token is pushed down less than a short one's.
  @Test func `only the sequence mean lets length decide what a token's mistake weighs`() {
    let groups = [group("A", Attempt(1, tokens: 2), Attempt(0, tokens: 2), Attempt(0, tokens: 8))]
    func wrong(_ aggregation: Aggregation) -> (short: Float, long: Float) {
      let weights = Self.credit(groups, Self.plan(.grpo, aggregation)).policyWeights[0]
      return (weights[1], weights[2])
    }
    let sequence = wrong(.sequence)
    #expect(abs(sequence.short / sequence.long - 4) < 1e-5)
    for aggregation in [Aggregation.token, .fixedLength] {
      let weights = wrong(aggregation)
      #expect(weights.short == weights.long)
    }
  }

  @Test(arguments: Aggregation.allCases)
  func `normalisers add up to one and with a fixed length to the share that was used`(
    aggregation: Aggregation
  ) {
    let step = Self.credit(Self.two, Self.plan(.grpo, aggregation))
    let sum = step.credits.flatMap(\.regularisation).reduce(0) { $0 + Double($1) }
    // A fixed length of 10 over 5 episodes of 12 tokens in all.
    let expected = aggregation == .fixedLength ? 12.0 / 50 : 1
    #expect(abs(sum - expected) < 1e-6)
  }

  @Test func `RLOO's weights are those of the leave-one-out baseline`() {
    let step = Self.credit(Self.two, Self.plan(.rloo, .sequence))
    // A: 1 - 0, 0 - 1. B: 1 - 0, 0 - 1/2, 0 - 1/2.
    let expected = [[1.0 / 10, -1.0 / 20], [1.0 / 5, -1.0 / 2 / 15, -1.0 / 2 / 10]]
    for (weights, numbers) in zip(step.policyWeights, expected) { #expect(isClose(weights, numbers)) }
  }

  @Test(arguments: AlgorithmName.allCases)
  func `advantages of a group add up to nothing`(name: AlgorithmName) {
    var random = SplitMix64(seed: 3)
    for scale in AdvantageScale.allCases {
      for _ in 0..<50 {
        let attempts = (0..<Int.random(in: 2...9, using: &random)).map { _ in
          Attempt(Double.random(in: -3...3, using: &random), tokens: Int.random(in: 1...6, using: &random))
        }
        var groups = [group("fixed", Attempt(0), Attempt(1))]
        groups.append(group("random", attempts))
        // Of equal weight whatever their length: the sum over tokens is the advantage over n.
        for entries in Self.credit(groups, Self.plan(name, .sequence, scale)).groups {
          let sum = entries.reduce(0) { $0 + $1.credit.policy.reduce(0) { $0 + Double($1) } }
          #expect(abs(sum) < 1e-6)
        }
      }
    }
  }

  @Test func `the mean of the absolute advantages is reported after scaling`() {
    // |1/2|, |1/2|, |2/3|, |1/3|, |1/3|
    let off = Self.credit(Self.two, Self.plan()).meanAbsoluteAdvantage
    #expect(abs(off - (1 + 4.0 / 3) / 5) < 1e-12)
    let batch = Self.credit(Self.two, Self.plan(.grpo, .token, .batch)).meanAbsoluteAdvantage
    #expect(abs(batch - (1 + 4.0 / 3) / 5 / Self.batchDeviation) < 1e-12)
  }

  // MARK: Who is left out

  @Test(arguments: shapes)
  func `a failed grade leaves its group and is not a reward of zero`(
    aggregation: Aggregation, scale: AdvantageScale
  ) {
    let plan = Self.plan(.grpo, aggregation, scale)
    let failing = [
      group("A", Attempt(1, tokens: 2), Attempt(nil, tokens: 7), Attempt(0, tokens: 4)), Self.two[1],
    ]
    let step = Self.credit(failing, plan)
    #expect(step.failedEpisodes == 1)
    // All weights are those of the step without the failed episode.
    #expect(step.credits == Self.credit(Self.two, plan).credits)
    #expect(step.groups[0].map(\.episode.index) == [0, 2])
  }

  @Test(arguments: shapes)
  func `groups without a signal are counted and change no weight`(
    aggregation: Aggregation, scale: AdvantageScale
  ) {
    guard scale != .batch else { return }
    let plan = Self.plan(.grpo, aggregation, scale)
    let silent = [
      group("right", Attempt(1, tokens: 9), Attempt(1, tokens: 9)), Self.two[0],
      group("wrong", Attempt(0, tokens: 3), Attempt(0, tokens: 3), Attempt(nil, tokens: 3)), Self.two[1],
      group("alone", Attempt(1, tokens: 5), Attempt(nil, tokens: 5)), group("failed", Attempt(nil)),
      group("empty"),
    ]
    let step = Self.credit(silent, plan)
    #expect(step.zeroVarianceGroups == 2)
    #expect(step.tooSmallGroups == 3)
    #expect(step.failedEpisodes == 3)
    #expect(step.credits == Self.credit(Self.two, plan).credits)
  }

  @Test func `the batch's deviation is of all rewards and the silent groups' with them`() {
    let groups = [group("A", Attempt(1), Attempt(0)), group("right", Attempt(1), Attempt(1))]
    let step = Self.credit(groups, Self.plan(.grpo, .token, .batch))
    // {1, 0, 1, 1}: mean 3/4, variance (3/16 + 9/16) / 3 = 1/4.
    #expect(isClose(step.policyWeights[0], [0.25 / 0.5001, -0.25 / 0.5001]))
  }

  @Test(arguments: shapes)
  func `no step of any shape gives a weight that is not a number`(
    aggregation: Aggregation, scale: AdvantageScale
  ) {
    let steps: [[GradedGroup]] = [
      [], [group("empty")], [group("one", Attempt(1))], [group("failed", Attempt(nil), Attempt(nil))],
      [group("same", Attempt(0.1), Attempt(0.1))],
      [group("nothing", Attempt(1, tokens: 0), Attempt(0, tokens: 0))],
      [group("cut", Attempt(1, isTruncated: true), Attempt(0, isTruncated: true))],
      [group("close", Attempt(1), Attempt(1 + 1e-15))], [group("far", Attempt(1e30), Attempt(-1e30))],
    ]
    for name in AlgorithmName.allCases {
      for truncated in TruncatedEpisodes.allCases {
        for groups in steps {
          let step = Self.credit(groups, Self.plan(name, aggregation, scale, truncated))
          #expect(step.credits.allSatisfy { ($0.policy + $0.regularisation).allSatisfy(\.isFinite) })
          #expect(step.meanAbsoluteAdvantage.isFinite)
        }
      }
    }
  }

  @Test func `rewards that differ by rounding alone get next to no weight`() {
    let step = Self.credit(
      [group("A", Attempt(0.3), Attempt(0.1 + 0.2))], Self.plan(.grpo, .sequence, .group))
    #expect(step.policyWeights[0].allSatisfy { abs($0) < 1e-10 })
  }

  // MARK: Truncated episodes

  static let cut = [
    group(
      "A", Attempt(1, tokens: 2), Attempt(0, tokens: 10, isTruncated: true), Attempt(0, tokens: 4))
  ]

  @Test(arguments: Aggregation.allCases)
  func `kept truncated episodes are episodes like any other`(aggregation: Aggregation) {
    let step = Self.credit(Self.cut, Self.plan(.grpo, aggregation, .off, .keep))
    let normalisers: [Double] =
      switch aggregation {
      case .token: [1.0 / 16, 1.0 / 16, 1.0 / 16]
      case .sequence: [1.0 / 6, 1.0 / 30, 1.0 / 12]
      case .fixedLength: [1.0 / 30, 1.0 / 30, 1.0 / 30]
      }
    let advantages = [2.0 / 3, -1.0 / 3, -1.0 / 3]
    #expect(isClose(step.policyWeights[0], zip(advantages, normalisers).map(*)))
  }

  @Test(arguments: Aggregation.allCases)
  func `masked truncated episodes count in the baseline and in no denominator`(aggregation: Aggregation) {
    let step = Self.credit(Self.cut, Self.plan(.grpo, aggregation, .off, .mask))
    let normalisers: [Double] =
      switch aggregation {
      case .token: [1.0 / 6, 0, 1.0 / 6]
      case .sequence: [1.0 / 4, 0, 1.0 / 8]
      case .fixedLength: [1.0 / 20, 0, 1.0 / 20]
      }
    // Without the truncated one the baseline would be 1/2 and the advantages 1/2 and -1/2.
    let advantages = [2.0 / 3, -1.0 / 3, -1.0 / 3]
    #expect(isClose(step.policyWeights[0], zip(advantages, normalisers).map(*)))
    #expect(step.groups[0][1].credit.policy.allSatisfy { $0 == 0 })
    #expect(step.groups[0][1].credit.regularisation.allSatisfy { $0 == 0 })
  }

  @Test func `penalised truncated episodes lose reward before advantages are taken`() {
    let step = Self.credit(Self.cut, Self.plan(.grpo, .token, .off, .penalise, penalty: 0.8))
    // Rewards 1, -0.8, 0: mean 1/15.
    let expected = [14.0 / 15, -13.0 / 15, -1.0 / 15].map { $0 / 16 }
    #expect(isClose(step.policyWeights[0], expected))
  }

  @Test func `a penalty can give a group of equal rewards a signal`() {
    let groups = [group("A", Attempt(1), Attempt(1, isTruncated: true))]
    #expect(Self.credit(groups, Self.plan(.grpo, .token, .off, .keep)).zeroVarianceGroups == 1)
    let step = Self.credit(groups, Self.plan(.grpo, .token, .off, .penalise, penalty: 0.5))
    #expect(step.zeroVarianceGroups == 0)
    #expect(isClose(step.policyWeights[0], [0.25 / 2, -0.25 / 2]))
  }

  @Test func `a step whose trained episodes are all masked trains on nothing`() {
    let groups = [group("A", Attempt(1, isTruncated: true), Attempt(0, isTruncated: true))]
    let step = Self.credit(groups, Self.plan(.dapo, .token, .group, .mask))
    #expect(step.credits.allSatisfy { $0.regularisation.allSatisfy { $0 == 0 } })
  }

  @Test func `only sampled tokens carry weight in an episode of several turns`() {
    var groups = [group("A", Attempt(1, tokens: 4), Attempt(0, tokens: 4))]
    // A tool's answer between two turns of the policy.
    groups[0].episodes[0].episode.lossMask = [false, false, true, false, false, true]
    let step = Self.credit(groups, Self.plan(.grpo, .token))
    #expect(isClose(step.credits[0].policy, [0, 0, 1.0 / 12, 0, 0, 1.0 / 12]))
  }
}
