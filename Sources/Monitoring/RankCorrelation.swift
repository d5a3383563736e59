import Foundation
package import Records

/// How well a grader's rewards follow people's labels.
package struct RankCorrelation: Sendable, Hashable, Codable {
  package var pairs: Int
  /// Spearman's rho, ties sharing their mean rank, with a 95% percentile interval by bootstrap over rows. NaN where one
  /// side has a single value.
  package var spearman: Interval
  /// Kendall's tau-b. NaN as above.
  package var kendall: Double
  /// Of the pairs of rows that people label differently, the share in which the grader prefers the same one; ties of the
  /// grader count a half. 0.5 is chance.
  package var agreement: Double

  /// - Precondition: as many rewards as labels.
  package init(rewards: [Double], labels: [Double], seed: UInt64 = 1) {
    precondition(rewards.count == labels.count, "every reward needs its label")
    pairs = rewards.count
    let rho = Self.spearman(rewards, labels)
    var random = SplitMix64(seed: seed)
    let resamples = 2000
    var rhos: [Double] = []
    if rho.isFinite {
      for _ in 0..<resamples {
        let rows = rewards.indices.map { _ in Int.random(in: rewards.indices, using: &random) }
        let resampled = Self.spearman(rows.map { rewards[$0] }, rows.map { labels[$0] })
        if resampled.isFinite { rhos.append(resampled) }
      }
    }
    rhos.sort()
    spearman =
      rhos.isEmpty
      ? Interval(mean: rho, low: .nan, high: .nan)
      : Interval(mean: rho, low: rhos[rhos.count / 40], high: rhos[rhos.count - 1 - rhos.count / 40])
    (kendall, agreement) = Self.pairwise(rewards, labels)
  }

  /// Pearson's correlation of the ranks.
  private static func spearman(_ a: [Double], _ b: [Double]) -> Double {
    let (ranksA, ranksB) = (ranks(a), ranks(b))
    let middle = Double(a.count + 1) / 2
    var (product, squaresA, squaresB) = (0.0, 0.0, 0.0)
    for (x, y) in zip(ranksA, ranksB) {
      product += (x - middle) * (y - middle)
      squaresA += (x - middle) * (x - middle)
      squaresB += (y - middle) * (y - middle)
    }
    return product / (squaresA * squaresB).squareRoot()
  }

  /// Ranks from 1; equal values share the mean of theirs.
  private static func ranks(_ values: [Double]) -> [Double] {
    let order = values.indices.sorted { values[$0] < values[$1] }
    var ranks = [Double](repeating: 0, count: values.count)
    var start = 0
    while start < order.count {
      var end = start + 1
      while end < order.count, values[order[end]] == values[order[start]] { end += 1 }
      for place in order[start..<end] { ranks[place] = Double(start + end + 1) / 2 }
      start = end
    }
    return ranks
  }

  /// Looks at every pair of rows; 5,000 rows take some tens of milliseconds.
  private static func pairwise(_ a: [Double], _ b: [Double]) -> (kendall: Double, agreement: Double) {
    var (concordant, discordant, tiedA, tiedB, tiedOnlyA) = (0.0, 0.0, 0.0, 0.0, 0.0)
    for i in a.indices {
      for j in a.indices[..<i] {
        let (x, y) = (a[i] - a[j], b[i] - b[j])
        if x == 0 { tiedA += 1 }
        if y == 0 { tiedB += 1 }
        if x == 0, y != 0 { tiedOnlyA += 1 }
        if x * y > 0 { concordant += 1 }
        if x * y < 0 { discordant += 1 }
      }
    }
    let all = Double(a.count * (a.count - 1) / 2)
    let tau = (concordant - discordant) / ((all - tiedA) * (all - tiedB)).squareRoot()
    return (tau, (concordant + tiedOnlyA / 2) / (all - tiedB))
  }
}
