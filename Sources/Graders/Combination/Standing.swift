/// Where each of some values stands among all of them: its distance from the mean, in standard deviations.
enum Standing {
  /// Added to a deviation before dividing, as GRPO and GDPO do, so that rounding noise in equal values stays small.
  static let floor = 1e-4

  /// `(x - mean) / (deviation + 1e-4)`, with the deviation of a sample (n - 1); exactly 0 where all are equal.
  static func of(_ values: [Double]) -> [Double] {
    guard let first = values.first, values.contains(where: { $0 != first }) else {
      return values.map { _ in 0 }
    }
    let mean = values.reduce(0, +) / Double(values.count)
    let squares = values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
    let deviation = (squares / Double(values.count - 1)).squareRoot()
    return values.map { ($0 - mean) / (deviation + floor) }
  }
}

/// What is normalised within the group before advantages are taken.
enum Normalisation: String, Sendable, CaseIterable {
  case off
  /// Every part by itself, then the weighted sum: GDPO (Liu et al. 2026, arXiv 2601.05242). Parts of unlike spread keep
  /// apart what a sum would throw together.
  case parts
  /// The reward as a whole: GRPO's, for algorithms that do not divide.
  case sum
}
