/// What a run's defences have found so far: the run folder's `defence.json`, and part of its state.
package struct DefenceRecord: Codable, Sendable, Hashable {
  /// What canaries were paid after a step.
  package struct Canaries: Codable, Sendable, Hashable {
    package var step: Int
    package var report: CanaryReport

    package init(step: Int, report: CanaryReport) {
      self.step = step
      self.report = report
    }
  }
  /// In the order they were raised.
  package var alarms: [Alarm] = []
  package var canaries: [Canaries] = []

  package init() {}
}
