import Foundation
package import Records

/// What a run has done, written as it does it: journal, timing, episodes, evaluations, TensorBoard.
///
/// A step is on disk before it is reported to anybody, the line of `journal.jsonl` last: what kill -9 or a
/// power cut leaves behind is the steps that were reported, and at most half a line that reading drops.
package actor Journal {
  private let folder: RunFolder
  private var journal: OutputFile
  private var timing: OutputFile
  private var evaluations: OutputFile
  private let board: TensorBoardWriter
  /// Tokens sampled since the run's first step.
  private var sampledTokens: Int

  /// What was found out of order when the journal was opened: sentences for a person.
  package nonisolated let warnings: [String]

  /// Opens the journal of a run that begins, or goes on, at a step.
  ///
  /// What was recorded of this step and later ones is cut away: those steps are done again.
  /// - Parameters:
  ///   - step: the first step that will be recorded.
  ///   - evaluationStep: the first evaluation that will be recorded, where a resumed run does not repeat the
  ///     one at `step`.
  package init(
    _ folder: RunFolder, lock _: RunLock, resumingAt step: Int, evaluationStep: Int? = nil
  ) throws(StorageError) {
    struct Line: Decodable { let step: Int }
    let firstEvaluation = evaluationStep ?? step
    var warnings = try JSONLines.cut(Line.self, in: folder.journalPath) { $0.step < step }
    warnings += try JSONLines.cut(Line.self, in: folder.timingPath) { $0.step < step }
    warnings += try JSONLines.cut(Line.self, in: folder.evaluationsPath) { $0.step < firstEvaluation }
    for name in try Folder.names(in: folder.path) where name.contains(".tmp-") {
      try Folder.remove(folder.path + "/" + name)
    }
    for name in try Folder.names(in: folder.episodesPath) {
      let isLeftover = !name.hasSuffix(".jsonl.gz")
      if isLeftover || (StepName.step(in: name) ?? 0) >= step {
        try Folder.remove(folder.episodesPath + "/" + name)
      }
    }
    try Folder.make(folder.episodesPath)
    let (records, problems) = try folder.journal()
    warnings += problems
    if records.map(\.step) != Array(0..<step) {
      warnings.append(
        "\(folder.journalPath): the run goes on at step \(step), and the journal has \(records.count) steps before"
      )
    }
    sampledTokens = records.reduce(0) { $0 + $1.sampledTokens }
    journal = try OutputFile(appendingTo: folder.journalPath)
    timing = try OutputFile(appendingTo: folder.timingPath)
    evaluations = try OutputFile(appendingTo: folder.evaluationsPath)
    board = try TensorBoardWriter(folder: folder.tensorBoardPath, resumingAt: step)
    // The new event file tells readers to forget everything from this step on, kept evaluations included.
    for kept in try folder.evaluations().records where kept.step >= step {
      try board.write(step: kept.step, scalars: kept.summary.scalars)
    }
    try AtomicFile.synchronise(folder.path)
    self.folder = folder
    self.warnings = warnings
  }

  /// Records a step; it may be reported once this returns.
  package func record(
    _ record: StepRecord, timing: StepTiming, groups: [GradedGroup]
  ) throws(StorageError) {
    try EpisodeArchive.write(groups, to: folder.episodesPath(step: record.step))
    try self.timing.write(RecordCoding.line(timing) + [0x0A])
    try self.timing.synchronise()
    sampledTokens += record.sampledTokens
    try board.write(
      step: record.step,
      scalars: record.scalars + timing.scalars + [("num_tokens", Double(sampledTokens))])
    try journal.write(RecordCoding.line(record) + [0x0A])
    try journal.synchronise()
  }

  /// Records a measurement on held-out Examples; it may be reported once this returns.
  package func record(_ evaluation: StepEvaluation) throws(StorageError) {
    try board.write(step: evaluation.step, scalars: evaluation.summary.scalars)
    try evaluations.write(RecordCoding.line(evaluation) + [0x0A])
    try evaluations.synchronise()
  }
}
