package import Records

/// A measurement on held-out Examples and the step it was taken at: a line of `evaluations.jsonl`.
package struct StepEvaluation: Sendable, Hashable, Codable {
  package var step: Int
  package var summary: EvaluationSummary

  package init(step: Int, summary: EvaluationSummary) {
    self.step = step
    self.summary = summary
  }
}

extension RunFolder {
  /// What the steps did, in order. `warnings` names lines that could not be read.
  package func journal() throws(StorageError) -> (records: [StepRecord], warnings: [String]) {
    let contents = try JSONLines.read(StepRecord.self, from: journalPath)
    return (contents.records, contents.warnings)
  }

  /// Where the steps' time went, in order. `warnings` names lines that could not be read.
  package func timing() throws(StorageError) -> (records: [StepTiming], warnings: [String]) {
    let contents = try JSONLines.read(StepTiming.self, from: timingPath)
    return (contents.records, contents.warnings)
  }

  /// The measurements on held-out Examples, in order. `warnings` names lines that could not be read.
  package func evaluations() throws(StorageError) -> (records: [StepEvaluation], warnings: [String]) {
    let contents = try JSONLines.read(StepEvaluation.self, from: evaluationsPath)
    return (contents.records, contents.warnings)
  }

  /// The steps whose episodes are archived, in order.
  package func episodeSteps() throws(StorageError) -> [Int] {
    try Folder.names(in: episodesPath).filter { $0.hasSuffix(".jsonl.gz") }.compactMap(StepName.step).sorted()
  }

  /// The graded groups of a step; `damage` says what is missing of a broken archive.
  package func episodes(
    step: Int
  ) throws(StorageError) -> (groups: [GradedGroup], damage: String?) {
    do {
      return try EpisodeArchive.groups(in: episodesPath(step: step))
    } catch  where error.kind == .missing {
      let steps = try episodeSteps()
      let there =
        steps.isEmpty ? "none are archived" : "archived are \(steps[0]) to \(steps[steps.count - 1])"
      throw StorageError(.missing, path: path, "no episodes of step \(step): \(there)")
    }
  }
}
