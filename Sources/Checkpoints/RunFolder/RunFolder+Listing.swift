import Foundation
package import Records

/// One run among others, in the figures that a list shows.
package struct RunListing: Sendable, Hashable {
  package var folder: RunFolder
  package var status: RunStatus
  /// The plan's model; nil when the plan cannot be read.
  package var model: String?
  /// The last step's record, if a step was done.
  package var last: StepRecord?
  /// The last measurement on held-out Examples, if there was one.
  package var evaluation: StepEvaluation?
}

extension RunFolder {
  /// The status, corrected by whether the worker still lives: one that died without a word was interrupted.
  package func observedStatus() throws(StorageError) -> RunStatus {
    var status = try status()
    if status.state == .running, !isLocked {
      status.state = .interrupted
      status.reason =
        "the worker (pid \(status.pid) on \(status.host)) ended without a word; train the same run folder "
        + "again to go on"
    }
    return status
  }

  /// The runs below a root, newest first; folders that are not runs are left out.
  package static func list(under root: String) throws(StorageError) -> [RunListing] {
    var runs: [RunListing] = []
    for name in try Folder.names(in: root) where !name.hasPrefix(".") {
      guard let folder = try? RunFolder(opening: root + "/" + name), let status = try? folder.observedStatus()
      else { continue }
      runs.append(
        RunListing(
          folder: folder, status: status, model: (try? folder.plan())?.model.source,
          last: try JSONLines.last(StepRecord.self, in: folder.journalPath),
          evaluation: try JSONLines.last(StepEvaluation.self, in: folder.evaluationsPath)))
    }
    return runs.sorted { ($1.status.created, $1.folder.name) < ($0.status.created, $0.folder.name) }
  }
}
