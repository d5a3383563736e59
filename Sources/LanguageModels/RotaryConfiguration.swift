internal import Foundation

/// The angles of the rotary embedding.
package struct RotaryConfiguration: Sendable, Hashable {
  /// How positions beyond the first training length are reached.
  package enum Scaling: Sendable, Hashable {
    case none
    /// All frequencies divided by the factor.
    case linear(factor: Double)
    /// Llama 3.1: low frequencies divided, high ones kept, those between blended.
    case llama3(factor: Double, lowFrequency: Double, highFrequency: Double, originalContext: Int)
    /// What each frequency is divided by, as GGUF files of Llama 3.1 carry it (`rope_freqs.weight`).
    case divisors([Float])
  }
  package var theta: Double
  package var scaling: Scaling

  package init(theta: Double, scaling: Scaling = .none) {
    self.theta = theta
    self.scaling = scaling
  }

  /// Radians per position of each pair of a head's dimensions, `[headSize / 2]`.
  ///
  /// In float32 step by step, as transformers computes them: an exact frequency differs from a rounded one by
  /// enough to show in the log-probabilities after some hundred positions.
  package func frequencies(headSize: Int) -> [Float] {
    (0..<headSize / 2).map { index in
      let frequency = 1 / powf(Float(theta), Float(2 * index) / Float(headSize))
      switch scaling {
      case .none: return frequency
      case .linear(let factor): return frequency / Float(factor)
      case .divisors(let divisors): return frequency / divisors[index]
      case .llama3(let factor, let low, let high, let original):
        let wavelength = 2 * Float.pi / frequency
        if wavelength < Float(Double(original) / high) { return frequency }
        if wavelength > Float(Double(original) / low) { return frequency / Float(factor) }
        let smooth = (Float(original) / wavelength - Float(low)) / Float(high - low)
        return (1 - smooth) * frequency / Float(factor) + smooth * frequency
      }
    }
  }
}
