/// Which weights learn.
package enum TrainingMethod: String, Sendable, Hashable, Codable, CaseIterable {
  case lora, full
}

/// The linear layers that LoRA may adapt, by their Hugging Face names.
package enum LinearTarget: String, Sendable, Hashable, Codable, CaseIterable {
  case q = "q_proj"
  case k = "k_proj"
  case v = "v_proj"
  case o = "o_proj"
  case gate = "gate_proj"
  case up = "up_proj"
  case down = "down_proj"
}

/// Low-rank adapters (Hu et al. 2021): W x + alpha / rank * B A x, with B zero at the start.
package struct LoRAPlan: Sendable, Hashable, Codable {
  package var rank: Int
  package var alpha: Double
  package var targets: [LinearTarget]

  package init(rank: Int = 16, alpha: Double = 32, targets: [LinearTarget] = LinearTarget.allCases) {
    self.rank = rank
    self.alpha = alpha
    self.targets = targets
  }
}

/// The learning rate after warm-up.
package enum LearningRateSchedule: String, Sendable, Hashable, Codable, CaseIterable {
  case constant, linear, cosine
}

/// How the policy is updated.
package struct TrainingPlan: Sendable, Hashable, Codable {
  package var method: TrainingMethod
  package var lora: LoRAPlan
  package var steps: Int
  package var learningRate: Double
  package var warmupSteps: Int
  package var schedule: LearningRateSchedule
  package var weightDecay: Double
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  /// Largest norm of the whole gradient; 0 leaves it as it is.
  package var gradientClip: Double
  /// Optimiser steps made from one step's episodes; above 1 the clip range comes into play.
  package var updatesPerStep: Int
  /// Most tokens that go through the model at once.
  package var microBatchTokens: Int

  package init(
    method: TrainingMethod = .lora, lora: LoRAPlan = LoRAPlan(), steps: Int = 50,
    learningRate: Double = 1e-4, warmupSteps: Int = 0, schedule: LearningRateSchedule = .constant,
    weightDecay: Double = 0, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    gradientClip: Double = 1, updatesPerStep: Int = 1, microBatchTokens: Int = 2048
  ) {
    self.method = method
    self.lora = lora
    self.steps = steps
    self.learningRate = learningRate
    self.warmupSteps = warmupSteps
    self.schedule = schedule
    self.weightDecay = weightDecay
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.gradientClip = gradientClip
    self.updatesPerStep = updatesPerStep
    self.microBatchTokens = microBatchTokens
  }
}
