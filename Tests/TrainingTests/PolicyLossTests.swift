import Foundation
import Records
import Testing

@testable import Training

/// The surrogate's arithmetic against tables, finite differences and exact gradients.
@Suite struct PolicyLossTests {
  static func evaluate(
    ratio: Double, weight: Float, low: Double = 0.2, high: Double = 0.3
  ) -> PolicyLoss.Outputs {
    PolicyLoss(clipLow: low, clipHigh: high, kl: KLPlan()).evaluate(
      PolicyLoss.Inputs(
        current: [Float(log(ratio)) - 1], old: [-1], reference: nil, policyWeights: [weight],
        regularisationWeights: [1]))
  }

  /// Ratio, weight, loss, gradient, clipped tokens; the range is 0.8 to 1.3.
  static let table: [(Double, Double, Double, Double, Int)] = [
    (1, 2, -2, -2, 0), (1, -2, 2, 2, 0),
    (1.25, 2, -2.5, -2.5, 0), (1.25, -2, 2.5, 2.5, 0),
    (1.5, 2, -2.6, 0, 1), (1.5, -2, 3, 3, 0),
    (0.9, 2, -1.8, -1.8, 0), (0.9, -2, 1.8, 1.8, 0),
    (0.5, 2, -1, -1, 0), (0.5, -2, 1.6, 0, 1),
    (7, 0, 0, 0, 0),
  ]

  @Test(arguments: table)
  func `the ratio is clipped above for good tokens and below for bad ones`(
    ratio: Double, weight: Double, loss: Double, gradient: Double, clipped: Int
  ) {
    let outputs = Self.evaluate(ratio: ratio, weight: Float(weight))
    #expect(abs(outputs.loss - loss) < 1e-5)
    #expect(abs(Double(outputs.gradient[0]) - gradient) < 1e-5)
    #expect(outputs.clipped == clipped)
  }

  @Test func `at a ratio of one even an empty clip range clips nothing`() {
    for weight: Float in [1, -1] {
      let outputs = Self.evaluate(ratio: 1, weight: weight, low: 0, high: 0)
      #expect(outputs.clipped == 0)
      #expect(outputs.gradient == [-weight])
    }
  }

  static func kl(_ estimator: KLEstimator, current: Float, reference: Float, coefficient: Double = 0.5)
    -> PolicyLoss.Outputs
  {
    PolicyLoss(clipLow: 0.2, clipHigh: 0.2, kl: KLPlan(coefficient: coefficient, estimator: estimator))
      .evaluate(
        PolicyLoss.Inputs(
          current: [current], old: [current], reference: [reference], policyWeights: [0],
          regularisationWeights: [0.25]))
  }

  @Test func `the estimators have their hand-worked values`() {
    // log-ratio of base to policy r = -1 - -2 = 1. k2 = r^2 / 2 = 0.5; k3 = e - 2.
    let k2 = Self.kl(.k2, current: -2, reference: -1)
    #expect(abs(k2.loss - 0.125 * 0.5) < 1e-7)
    #expect(abs(k2.gradient[0] - -0.125) < 1e-7)
    let k3 = Self.kl(.k3, current: -2, reference: -1)
    #expect(abs(k3.loss - 0.125 * (M_E - 2)) < 1e-7)
    #expect(abs(Double(k3.gradient[0]) - 0.125 * (1 - M_E)) < 1e-7)
    // Both report k3, which is what a person compares between runs.
    #expect(abs(k2.klSum - (M_E - 2)) < 1e-6)
    #expect(k3.klSum == k2.klSum)
  }

  @Test(arguments: KLEstimator.allCases)
  func `derivatives are those of finite differences`(estimator: KLEstimator) {
    let loss = PolicyLoss(clipLow: 0.2, clipHigh: 0.3, kl: KLPlan(coefficient: 0.7, estimator: estimator))
    var random = SplitMix64(seed: 11)
    var checked = 0
    for _ in 0..<500 {
      func draw() -> Float { Float.random(in: -1.5 ... -0.5, using: &random) }
      var inputs = PolicyLoss.Inputs(
        current: [draw()], old: [draw()], reference: [draw()],
        policyWeights: [Float.random(in: -2...2, using: &random)], regularisationWeights: [0.5])
      let ratio = exp(Double(inputs.current[0] - inputs.old[0]))
      // Finite differences across a kink tell nothing.
      guard abs(ratio - 0.8) > 0.01, abs(ratio - 1.3) > 0.01 else { continue }
      let analytic = Double(loss.evaluate(inputs).gradient[0])
      let at = inputs.current[0]
      inputs.current[0] = at + 1e-3
      let (above, upper) = (loss.evaluate(inputs).loss, inputs.current[0])
      inputs.current[0] = at - 1e-3
      let (below, lower) = (loss.evaluate(inputs).loss, inputs.current[0])
      let numeric = (above - below) / Double(upper - lower)
      #expect(abs(numeric - analytic) < 1e-3 * max(1, abs(analytic)))
      checked += 1
    }
    #expect(checked > 400)
  }

  /// The expectation of an estimator's gradient over the policy's own samples, by enumeration of its tokens.
  static func expectedGradient(_ estimator: KLEstimator, policy: [Double], base: [Double]) -> [Double] {
    let tokens = policy.indices
    let outputs = PolicyLoss(
      clipLow: 0.2, clipHigh: 0.2, kl: KLPlan(coefficient: 1, estimator: estimator)
    ).evaluate(
      PolicyLoss.Inputs(
        current: policy.map { Float(log($0)) }, old: policy.map { Float(log($0)) },
        reference: base.map { Float(log($0)) }, policyWeights: tokens.map { _ in 0 },
        regularisationWeights: tokens.map { _ in 1 }))
    // d log p(x) / d logit j = [x = j] - p(j)
    return tokens.map { j in
      tokens.reduce(0) { sum, x in
        sum + policy[x] * Double(outputs.gradient[x]) * ((x == j ? 1 : 0) - policy[j])
      }
    }
  }

  @Test func `k2's expected gradient is that of the divergence and k3's is not`() {
    let policy = [0.4, 0.3, 0.2, 0.1]
    let base = [0.1, 0.2, 0.3, 0.4]
    let divergence = zip(policy, base).reduce(0) { $0 + $1.0 * log($1.0 / $1.1) }
    let exact = zip(policy, base).map { $0 * (log($0 / $1) - divergence) }
    let k2 = Self.expectedGradient(.k2, policy: policy, base: base)
    let k3 = Self.expectedGradient(.k3, policy: policy, base: base)
    for (a, b) in zip(k2, exact) { #expect(abs(a - b) < 1e-6) }
    // k3's is that of the other divergence, base from policy: p - q.
    for (a, (p, q)) in zip(k3, zip(policy, base)) { #expect(abs(a - (p - q)) < 1e-6) }
    #expect(zip(k3, exact).contains { abs($0 - $1) > 0.05 })
  }

  @Test func `any split of the tokens adds up to the same`() {
    var random = SplitMix64(seed: 2)
    func values(_ range: ClosedRange<Float>) -> [Float] {
      (0..<60).map { _ in Float.random(in: range, using: &random) }
    }
    let loss = PolicyLoss(clipLow: 0.2, clipHigh: 0.2, kl: KLPlan(coefficient: 0.1))
    let all = PolicyLoss.Inputs(
      current: values(-2 ... -1), old: values(-2 ... -1), reference: values(-2 ... -1),
      policyWeights: values(-1...1), regularisationWeights: values(0...1))
    let whole = loss.evaluate(all)
    let parts = [0..<1, 1..<20, 20..<60].map { range in
      loss.evaluate(
        PolicyLoss.Inputs(
          current: Array(all.current[range]), old: Array(all.old[range]),
          reference: all.reference.map { Array($0[range]) }, policyWeights: Array(all.policyWeights[range]),
          regularisationWeights: Array(all.regularisationWeights[range])))
    }
    #expect(abs(parts.reduce(0) { $0 + $1.loss } - whole.loss) < 1e-12)
    #expect(parts.flatMap(\.gradient) == whole.gradient)
    #expect(parts.reduce(0) { $0 + $1.clipped } == whole.clipped)
  }
}
