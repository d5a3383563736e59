internal import Monitoring
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
  /// What is watched of the run's answers.
  var watch = RunWatch()
  var defence = DefenceRecord()
  /// Alarms that have not been acted on yet. Saved, so that a run that is killed in between acts on them when it goes on.
  var unanswered: [Alarm] = []
  /// The run has gone back, and only its end is left to be done.
  var hasGoneBack = false
  /// Share of right answers of each step so far, which schedules of the grader go by; steps without a grade are missing.
  var passRates: [Double] = []
  /// Seconds spent before this attempt.
  var seconds = 0.0

  /// The step of the best measurement so far; the first of equals.
  var bestStep: Int? {
    measurements.filter(\.reward.isFinite).max { a, b in
      a.reward != b.reward ? a.reward < b.reward : a.step > b.step
    }?.step
  }

  /// Whether the last `patience` measurements brought no gain over the best before them.
  func isOnPlateau(_ plan: PlateauPlan) -> Bool {
    // A measurement in which every grade failed says nothing of a gain.
    let rewards = measurements.map(\.reward).filter(\.isFinite)
    guard rewards.count > plan.patience, let before = rewards.dropLast(plan.patience).max(),
      let recent = rewards.suffix(plan.patience).max()
    else { return false }
    return recent < before + plan.minimumGain
  }
}
