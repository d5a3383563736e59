package import Records

/// Means with 95% percentile intervals by bootstrap over Examples (Efron 1979), seeded.
package enum Bootstrap {
  private static let resamples = 2000

  /// The mean of some values.
  package static func mean(_ values: [Double], seed: UInt64 = 1) -> Interval {
    guard let first = values.first else { return Interval(mean: .nan, low: .nan, high: .nan) }
    let mean = values.reduce(0, +) / Double(values.count)
    guard values.contains(where: { $0 != first }) else { return Interval(mean: mean, low: mean, high: mean) }
    return interval(mean, count: values.count, seed: seed) { drawn in
      var sum = 0.0
      for index in drawn { sum += values[index] }
      return sum / Double(values.count)
    }
  }

  /// The interval of a figure that is taken again from Examples drawn with replacement.
  private static func interval(
    _ figure: Double, count: Int, seed: UInt64, _ again: ([Int]) -> Double
  ) -> Interval {
    var random = SplitMix64(seed: seed)
    var drawn = [Int](repeating: 0, count: count)
    var figures = (0..<resamples).map { _ in
      for place in 0..<count { drawn[place] = Int.random(in: 0..<count, using: &random) }
      return again(drawn)
    }
    figures.sort()
    return Interval(
      mean: figure, low: figures[resamples / 40], high: figures[resamples - 1 - resamples / 40])
  }

  /// The mean of b - a, pair by pair.
  package static func gain(from a: [Double], to b: [Double]) -> Interval {
    precondition(a.count == b.count, "a paired comparison needs as many values on both sides")
    return mean(zip(a, b).map { $1 - $0 })
  }

  /// The mean of b over the mean of a, less 1, resampled pair by pair: -0.3 is 30% less. NaN where a is all 0.
  package static func relativeGain(from a: [Double], to b: [Double]) -> Interval {
    precondition(a.count == b.count, "a paired comparison needs as many values on both sides")
    func ratio(_ drawn: some Sequence<Int>) -> Double {
      var sums = (a: 0.0, b: 0.0)
      for index in drawn {
        sums.a += a[index]
        sums.b += b[index]
      }
      return sums.b / sums.a - 1
    }
    let figure = ratio(a.indices)
    guard figure.isFinite else { return Interval(mean: .nan, low: .nan, high: .nan) }
    return interval(figure, count: a.count, seed: 1, ratio)
  }
}
