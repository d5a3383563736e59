/// Which answers of a group are compared.
enum PairwiseSchedule {
  /// All pairs, or each answer with the `neighbours` that follow it in a circle, which links every answer to every
  /// other and costs `count * neighbours` pairs at most.
  static func pairs(among count: Int, neighbours: Int?) -> [(Int, Int)] {
    guard count > 1 else { return [] }
    let reach = min(neighbours ?? count, count / 2)
    var pairs: [(Int, Int)] = []
    for distance in stride(from: 1, through: reach, by: 1) {
      // Half way around, the circle meets every pair twice.
      let starts = distance * 2 == count ? count / 2 : count
      for start in 0..<starts { pairs.append((start, (start + distance) % count)) }
    }
    return pairs
  }
}
