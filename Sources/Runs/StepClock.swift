internal import Records

/// Takes the time of a step's phases, one after the other.
struct StepClock {
  enum Part { case sampling, grading, updating, checkpointing }

  private let started = ContinuousClock.now
  private var last = ContinuousClock.now
  private(set) var timing: StepTiming

  init(step: Int) {
    timing = StepTiming(step: step, sampling: 0, grading: 0, updating: 0, checkpointing: 0, total: 0)
  }

  /// The time since the last mark was spent on this part.
  mutating func mark(_ part: Part) {
    let now = ContinuousClock.now
    let seconds = (now - last).seconds
    switch part {
    case .sampling: timing.sampling += seconds
    case .grading: timing.grading += seconds
    case .updating: timing.updating += seconds
    case .checkpointing: timing.checkpointing += seconds
    }
    timing.total = (now - started).seconds
    last = now
  }
}
