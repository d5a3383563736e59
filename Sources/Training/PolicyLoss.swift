internal import Foundation
package import Records

/// The surrogate loss of a step's tokens and its derivative by each log-probability: pure arithmetic.
///
/// loss = sum over tokens of -min(p w, clip(p, 1 - low, 1 + high) w) + beta c kl, where p is the ratio of the
/// policy to the one that sampled, w the credit's policy weight, c its regularisation weight (Schulman et al.
/// 2017, per-token as in GRPO). Summing over any split of the tokens gives the same loss and gradient.
package struct PolicyLoss: Sendable, Hashable {
  package var clipLow: Double
  package var clipHigh: Double
  package var kl: KLPlan

  package init(clipLow: Double, clipHigh: Double, kl: KLPlan) {
    self.clipLow = clipLow
    self.clipHigh = clipHigh
    self.kl = kl
  }

  /// What is known of some tokens; all arrays are `[M]`.
  package struct Inputs: Sendable {
    /// Of the policy that is trained.
    package var current: [Float]
    /// Of the policy at the start of the step; the same values as `current` in a step's first update.
    package var old: [Float]
    /// Of the base model; nil when the KL coefficient is 0.
    package var reference: [Float]?
    package var policyWeights: [Float]
    package var regularisationWeights: [Float]

    package init(
      current: [Float], old: [Float], reference: [Float]?, policyWeights: [Float],
      regularisationWeights: [Float]
    ) {
      self.current = current
      self.old = old
      self.reference = reference
      self.policyWeights = policyWeights
      self.regularisationWeights = regularisationWeights
    }
  }

  package struct Outputs: Sendable {
    package var loss: Double
    /// d loss / d current log-probability, `[M]`.
    package var gradient: [Float]
    /// Tokens whose ratio was outside the clip range on the side that clipping acts on.
    package var clipped: Int
    /// Sum over tokens of the k3 estimate of the KL divergence from the base.
    package var klSum: Double
  }

  package func evaluate(_ inputs: Inputs) -> Outputs {
    var outputs = Outputs(loss: 0, gradient: [], clipped: 0, klSum: 0)
    outputs.gradient.reserveCapacity(inputs.current.count)
    for index in inputs.current.indices {
      let weight = Double(inputs.policyWeights[index])
      let ratio = exp(Double(inputs.current[index]) - Double(inputs.old[index]))
      let bounded = min(max(ratio, 1 - clipLow), 1 + clipHigh)
      let isClipped = bounded * weight < ratio * weight
      outputs.loss -= isClipped ? bounded * weight : ratio * weight
      var gradient = isClipped ? 0 : -ratio * weight
      if isClipped { outputs.clipped += 1 }
      if let reference = inputs.reference {
        let share = kl.coefficient * Double(inputs.regularisationWeights[index])
        let logRatio = Double(reference[index]) - Double(inputs.current[index])
        let k3 = exp(logRatio) - logRatio - 1
        outputs.klSum += k3
        switch kl.estimator {
        case .k2:
          outputs.loss += share * logRatio * logRatio / 2
          gradient -= share * logRatio
        case .k3:
          outputs.loss += share * k3
          gradient += share * (1 - exp(logRatio))
        }
      }
      outputs.gradient.append(Float(gradient))
    }
    return outputs
  }
}
