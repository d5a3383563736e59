import Records

extension Moments {
  /// By how much the mean has risen since, less what chance may have added; nil where there is nothing to compare.
  func rise(since before: Moments) -> Double? {
    guard count > 1, before.count > 1 else { return nil }
    let rise = mean - before.mean
    let chance = 1.645 * (variance + before.variance).squareRoot()
    return rise > 0 ? max(0, rise - chance) : min(0, rise + chance)
  }
}
