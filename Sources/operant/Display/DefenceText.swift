import Monitoring
import Records

/// What a run's defences found, in words.
enum DefenceText {
  /// Said on every page of a run that was told so.
  static let noSandbox = "NO SANDBOX: code runs with your rights"

  static func line(_ alarm: Alarm) -> String {
    let what =
      switch alarm.action {
      case .warn: "alarm"
      case .pause: "alarm, the run is paused"
      case .stop: "alarm, the run ends"
      case .rollBack: "alarm, the run goes back"
      }
    return "\(what): \(alarm.signal.rawValue): \(alarm.message)"
  }

  /// What each canary was paid: `canaries step 0  empty 0.00  symbol 0.00 ...`.
  static func line(_ report: CanaryReport, step: Int) -> String {
    let entries = report.entries.map { entry in
      entry.canary.rawValue.replacing("_", with: " ") + " "
        + (entry.reward.isFinite ? Figures.fixed(entry.reward, 2) : "failed")
    }
    return "canaries step \(step)  " + entries.joined(separator: "  ")
  }

  /// A table for people: one canary a row.
  static func table(_ report: CanaryReport, limit: Double) -> [String] {
    let width = report.entries.map { $0.canary.title.utf8.count }.max() ?? 0
    return report.entries.map { entry in
      let reward = entry.reward.isFinite ? Figures.fixed(entry.reward, 3) : "-"
      var line = TextWidth.left(entry.canary.title, width) + "  " + TextWidth.right(reward, 6)
      if entry.failed > 0 { line += "  \(entry.failed) of \(entry.graded + entry.failed) not graded" }
      if entry.reward.isFinite, entry.reward >= limit { line += "  paid too much" }
      return line
    }
  }

  /// Shares of failed grades by grader and kind: `grading failed: judge model_grader_server_error (time_out) 3`.
  static func failures(_ record: StepRecord) -> String? {
    guard record.failedGrades > 0 else { return nil }
    let causes = record.signals.failures.map { failure in
      let cause = failure.cause.map { " (\($0.rawValue))" } ?? ""
      return "\(failure.grader) \(failure.kind.rawValue)\(cause) \(failure.count)"
    }
    let share = Figures.percent(Double(record.failedGrades) / Double(max(1, record.episodes)))
    return "grading failed for \(share): " + causes.joined(separator: ", ")
  }
}
