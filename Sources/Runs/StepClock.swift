internal import Records

/// Takes the time of a step's phases, one after the other.
struct StepClock {
  enum Part { case sampling, grading, updating }

  private let started = ContinuousClock.now
  private var last = ContinuousClock.now
  private(set) var timing: StepTiming

  /// `checkpointing` is what the end of the step before took: a step is on record before its checkpoint is.
  init(step: Int, checkpointing: Double) {
    timing = StepTiming(
      step: step, sampling: 0, grading: 0, updating: 0, checkpointing: checkpointing, total: checkpointing)
  }

  /// Seconds since the last mark.
  var sinceMark: Double { (ContinuousClock.now - last).seconds }

  /// The time since the last mark was spent on this part.
  mutating func mark(_ part: Part) {
    let now = ContinuousClock.now
    let seconds = (now - last).seconds
    switch part {
    case .sampling: timing.sampling += seconds
    case .grading: timing.grading += seconds
    case .updating: timing.updating += seconds
    }
    timing.total = timing.checkpointing + (now - started).seconds
    last = now
  }
}
