/// Something that a sound reward would not do, met in a run.
package struct Alarm: Sendable, Hashable, Codable {
  /// What was watched.
  package enum Signal: String, Sendable, Hashable, Codable, CaseIterable {
    /// The reward runs away from a grader that is not trained on.
    case gap
    /// A grader pays for an answer that deserves nothing.
    case canary
    case length, format, repetition, language, entropy, kl, identical
    /// One part of the reward falls while the whole rises.
    case part
  }
  package var signal: Signal
  /// Which grader, part or canary; empty where there is only one.
  package var subject: String
  /// Steps done when it was met.
  package var step: Int
  package var value: Double
  /// What it was at the first step; nil for a canary.
  package var baseline: Double?
  /// What was passed, in the terms of the plan's field.
  package var limit: Double
  package var action: AlarmAction
  /// A sentence: what was seen, what it may mean.
  package var message: String

  package init(
    _ signal: Signal, subject: String = "", step: Int, value: Double, baseline: Double?, limit: Double,
    action: AlarmAction, message: String
  ) {
    self.signal = signal
    self.subject = subject
    self.step = step
    self.value = value
    self.baseline = baseline
    self.limit = limit
    self.action = action
    self.message = message
  }

  /// What makes two alarms the same one.
  package var key: String { subject.isEmpty ? signal.rawValue : "\(signal.rawValue) \(subject)" }
}
