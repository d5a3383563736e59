internal import Checkpoints
internal import Datasets
internal import Foundation
internal import Records

extension RunStages {
  /// Held-out Examples of the measurements before and after.
  private var measured: [Example] { limited(plan.evaluation.prompts) }

  private func limited(_ count: Int) -> [Example] {
    count == 0 ? data.heldOut : Array(data.heldOut.prefix(count))
  }

  private var basePath: String { run.folder.path + "/evaluation-base.jsonl.gz" }

  private func measure(_ examples: [Example], step: Int) async throws -> (EvaluationSummary, [GradedGroup]) {
    let sink = sink
    sink.report(.phase(.evaluating, detail: "\(examples.count) held-out prompts after \(step) steps"))
    return try await evaluator.measure(examples, learner) {
      sink.report(.progress(.evaluating, done: $0, of: examples.count))
    }
  }

  /// The held-out measurement of the untrained policy, kept for the comparison at the end; then the checkpoint
  /// that spares a resumed run from repeating it.
  func measureBase(_ state: inout RunState) async throws {
    guard !data.heldOut.isEmpty else { return }
    let (summary, groups) = try await measure(measured, step: 0)
    try EpisodeArchive.write(groups, to: basePath)
    try await record(summary, step: 0)
    // The plateau rule compares measurements of the same Examples.
    let during = limited(plan.evaluation.promptsDuring).count
    let common = evaluator.summary(of: Array(groups.prefix(during)), version: 0)
    state.measurements.append(.init(step: 0, reward: common.reward.mean))
    try await checkpoint(state, replacing: true)
  }

  /// The measurement in between, when the plan asks for one after this step.
  func measureIfDue(_ state: inout RunState) async throws {
    let every = plan.evaluation.every
    guard !data.heldOut.isEmpty, every > 0, state.step % every == 0, state.step < plan.training.steps else {
      return
    }
    let (summary, _) = try await measure(limited(plan.evaluation.promptsDuring), step: state.step)
    try await record(summary, step: state.step)
    state.measurements.append(.init(step: state.step, reward: summary.reward.mean))
  }

  private func record(_ summary: EvaluationSummary, step: Int) async throws {
    try await journal.record(StepEvaluation(step: step, summary: summary))
    sink.report(.evaluation(step: step, summary))
  }

  /// What is done once after the last step: comparison, exports, status.
  func finish(_ reason: RunEnd.Reason, _ state: RunState) async throws -> RunEnd {
    var exports: [String: String] = [:]
    if reason != .interrupted {
      var comparison: Comparison?
      if !data.heldOut.isEmpty {
        let (_, tuned) = try await measure(measured, step: state.step)
        let (base, damage) = try EpisodeArchive.groups(in: basePath)
        if let damage { sink.report(.warning(damage)) }
        var result = evaluator.compare(
          base: base, tuned: tuned, versions: (base: 0, tuned: await learner.version))
        if plan.model.adapter != nil { result.isOfStart = true }
        try write(result)
        sink.report(.comparison(result))
        comparison = result
      }
      sink.report(.phase(.exporting, detail: "the tuned model"))
      let format = plan.training.method == .lora ? ExportFormat.peft : .merged
      let path = run.folder.exportsPath + "/" + format.rawValue
      clearExport(format)
      try await learner.export(
        format, to: path, model: model, plan: plan, step: state.step, comparison: comparison)
      exports[format.rawValue] = path
      sink.report(.exported(path: path, format: format))
    }
    try writeStatus(reason == .interrupted ? .interrupted : .finished, state, reason: reason.rawValue)
    return RunEnd(
      reason: reason, step: state.step, folder: run.folder.path, exports: exports,
      seconds: state.seconds + elapsed, peakMemoryBytes: peakMemoryBytes())
  }

  /// Takes away an earlier attempt at the export, and what a killed one has left half-written.
  private func clearExport(_ format: ExportFormat) {
    let folder = run.folder.exportsPath
    let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    for name in names where name == format.rawValue || name.hasPrefix(format.rawValue + ".tmp-") {
      try? FileManager.default.removeItem(atPath: folder + "/" + name)
    }
  }

  private func write(_ comparison: Comparison) throws {
    try Data(WorkerLine.encode(comparison).utf8)
      .write(to: URL(filePath: run.folder.path + "/comparison.json"), options: .atomic)
  }
}
