import Checkpoints
import Foundation
import Records

/// Runs as tables and JSON.
enum RunText {
  static func table(_ listings: [RunListing]) -> [String] {
    let rows = listings.map { listing in
      [
        listing.folder.name, listing.status.state.rawValue, "\(listing.status.step)/\(listing.status.steps)",
        listing.last.map { Figures.fixed($0.reward, 3) } ?? "-",
        listing.evaluation.map { Figures.fixed($0.summary.reward.mean, 3) } ?? "-",
        listing.model?.split(separator: "/").last.map(String.init) ?? "-",
      ]
    }
    let all = [["run", "state", "step", "reward", "held-out", "model"]] + rows
    let widths = (0..<6).map { column in all.map { TextWidth.of($0[column]) }.max() ?? 0 }
    return all.map { row in
      zip(row, widths).map { TextWidth.left($0, $1) }.joined(separator: "  ")
        .trimmingCharacters(in: .whitespaces)
    }
  }

  static func json(_ listing: RunListing) -> JSONValue {
    [
      "name": .string(listing.folder.name), "folder": .string(listing.folder.path),
      "state": .string(listing.status.state.rawValue), "reason": .string(listing.status.reason),
      "step": .integer(listing.status.step), "steps": .integer(listing.status.steps),
      "model": listing.model.map(JSONValue.string) ?? .null,
      "created": .string(listing.status.created.formatted(.iso8601)),
      "reward": listing.last.map { .number($0.reward) } ?? .null,
      "held_out_reward": listing.evaluation.map { .number($0.summary.reward.mean) } ?? .null,
    ]
  }

  /// One line of JSON, its end included.
  static func json(_ record: some Encodable) throws(StorageError) -> String {
    do { return try WorkerLine.encode(record) + "\n" } catch {
      throw StorageError(.malformed, path: "", "the record does not encode as JSON: \(error)")
    }
  }

  static func lines(
    name: String, path: String, plan: Plan, status: RunStatus, failure: WorkerFailure?, checkpoints: [Int],
    records: [StepRecord], timings: [Int: StepTiming], evaluations: [StepEvaluation],
    defence: DefenceRecord
  ) -> [String] {
    var lines = ["\(name): \(status.state.rawValue), \(status.step) of \(status.steps) steps"]
    if !status.reason.isEmpty { lines.append("  why          \(status.reason)") }
    if let failure { lines.append("  failure      \(failure.message)") }
    if plan.unsafeNoSandbox { lines.append("  sandbox      \(DefenceText.noSandbox)") }
    lines.append("  folder       \(path)")
    lines.append("  model        \(plan.model.source), \(plan.model.dtype.rawValue)")
    lines.append("  algorithm    \(plan.algorithm.name.rawValue), \(plan.training.method.rawValue)")
    lines.append(
      "  checkpoints  "
        + (checkpoints.isEmpty ? "none" : checkpoints.map(String.init).joined(separator: ", ")))
    if let canaries = defence.canaries.last {
      lines.append("")
      lines.append(DefenceText.line(canaries.report, step: canaries.step))
    }
    for alarm in defence.alarms { lines.append("step \(alarm.step)  \(DefenceText.line(alarm))") }
    if !evaluations.isEmpty {
      lines.append("")
      lines.append("held out")
      for evaluation in evaluations {
        lines.append(
          TextWidth.right("\(evaluation.step)", 5) + "  " + PlainDisplay.summary(evaluation.summary))
      }
    }
    if !records.isEmpty {
      lines.append("")
      if records.count > 1 {
        lines.append("reward " + Figures.sparkline(records.map(\.reward), width: 60))
        lines.append("")
      }
      lines.append(StepColumns.heading)
      for record in records {
        let timing = timings[record.step]
        let rate = timing.flatMap { $0.sampling > 0 ? Double(record.sampledTokens) / $0.sampling : nil }
        lines.append(StepColumns.row(record, timing, tokensPerSecond: rate))
      }
    }
    return lines
  }
}
