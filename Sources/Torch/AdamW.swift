import CTorch

/// AdamW (Loshchilov and Hutter 2019): decoupled weight decay, bias-corrected moments, all in float32.
package struct AdamW: Sendable, Hashable {
  package var learningRate: Double
  package var beta1: Double
  package var beta2: Double
  package var epsilon: Double
  package var weightDecay: Double

  package init(
    learningRate: Double, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
    weightDecay: Double = 0
  ) {
    self.learningRate = learningRate
    self.beta1 = beta1
    self.beta2 = beta2
    self.epsilon = epsilon
    self.weightDecay = weightDecay
  }

  /// One step on float32 tensors of one shape; `compute` receives the weights rounded to its own type, and may
  /// be the weight itself. The gradient is scaled by `gradientScale` first; `step` counts from 1.
  package func step(
    weight: Tensor, gradient: Tensor, moment1: Tensor, moment2: Tensor, compute: Tensor,
    gradientScale: Double, step: Int
  ) throws(TorchError) {
    let options = ct_adamw(
      learning_rate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon, weight_decay: weightDecay,
      gradient_scale: gradientScale, step: Int64(step))
    try Tensor.perform("adamw_step", [weight, gradient, moment1, moment2, compute]) {
      ct_adamw_step(
        weight.handle, gradient.handle, moment1.handle, moment2.handle, compute.handle, options, $0)
    }
  }
}
