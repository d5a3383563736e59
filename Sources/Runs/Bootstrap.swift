package import Records

/// Means with 95% percentile intervals by bootstrap over Examples (Efron 1979), seeded.
package enum Bootstrap {
  private static let resamples = 2000

  /// The mean of some values.
  package static func mean(_ values: [Double], seed: UInt64 = 1) -> Interval {
    guard let first = values.first else { return Interval(mean: .nan, low: .nan, high: .nan) }
    let mean = values.reduce(0, +) / Double(values.count)
    guard values.contains(where: { $0 != first }) else { return Interval(mean: mean, low: mean, high: mean) }
    var random = SplitMix64(seed: seed)
    var means = (0..<resamples).map { _ in
      var sum = 0.0
      for _ in values.indices { sum += values[Int.random(in: 0..<values.count, using: &random)] }
      return sum / Double(values.count)
    }
    means.sort()
    return Interval(mean: mean, low: means[resamples / 40], high: means[resamples - 1 - resamples / 40])
  }

  /// The mean of b - a, pair by pair.
  package static func gain(from a: [Double], to b: [Double]) -> Interval {
    precondition(a.count == b.count, "a paired comparison needs as many values on both sides")
    return mean(zip(a, b).map { $1 - $0 })
  }
}
