internal import Records

/// What of a run is neither weights nor plan; saved with every checkpoint.
struct RunState: Codable, Sendable, Hashable {
  /// A held-out measurement, for the plateau rule.
  struct Measurement: Codable, Sendable, Hashable {
    var step: Int
    var reward: Double
  }
  /// Steps done.
  var step = 0
  /// Parts of a batch that run at once: the split decides rounding, so a resumed run keeps it.
  var shards: Int
  var measurements: [Measurement] = []
  /// Seconds spent before this attempt.
  var seconds = 0.0

  /// The step of the best measurement so far; the first of equals.
  var bestStep: Int? {
    measurements.max { a, b in a.reward != b.reward ? a.reward < b.reward : a.step > b.step }?.step
  }

  /// Whether the last `patience` measurements brought no gain over the best before them.
  func isOnPlateau(_ plan: PlateauPlan) -> Bool {
    guard measurements.count > plan.patience else { return false }
    let before = measurements.dropLast(plan.patience).map(\.reward).max() ?? 0
    let recent = measurements.suffix(plan.patience).map(\.reward).max() ?? 0
    return recent < before + plan.minimumGain
  }
}
