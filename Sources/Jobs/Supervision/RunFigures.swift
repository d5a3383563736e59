internal import Checkpoints
internal import Foundation
internal import Records

/// What a run folder says of the run so far.
struct RunFigures: Sendable {
  var records: [StepRecord]
  var timing: [Int: StepTiming]
  /// Held-out measurements by the number of steps done, that at the end among them.
  var valid: [Int: EvaluationSummary]
  var comparison: Comparison?

  /// What cannot be read is left out.
  init(_ run: RunFolder) {
    records = (try? run.journal().records) ?? []
    timing = Dictionary(((try? run.timing().records) ?? []).map { ($0.step, $0) }) { $1 }
    valid = Dictionary(((try? run.evaluations().records) ?? []).map { ($0.step, $0.summary) }) { $1 }
    comparison = FileManager.default.contents(atPath: run.path + "/comparison.json").flatMap {
      try? WorkerLine.decode(Comparison.self, from: $0)
    }
    if let comparison, let step = (try? run.status())?.step { valid[step] = comparison.tuned }
  }

  var trainedTokens: Int { records.reduce(0) { $0 + $1.trainedTokens } }

  func metrics(afterStep step: Int) -> JSONValue {
    StepMetrics.checkpoint(step: step, records.first { $0.step == step - 1 }, valid[step])
  }
}
