internal import Foundation
package import Records

/// The checkpoint of another run that training goes on from: `model.adapter` of a plan.
package struct StartingPoint: Sendable {
  package let run: RunFolder
  package let checkpoint: Checkpoint
  /// The plan of the run that made it.
  package let plan: Plan

  /// - Parameter path: a run folder, whose newest checkpoint is meant, or one checkpoint's folder inside one.
  /// - Throws: `StorageError` when there is no whole checkpoint.
  package init(_ path: String) throws(StorageError) {
    let url = URL(filePath: path).standardizedFileURL
    let parent = url.deletingLastPathComponent()
    if parent.lastPathComponent == "checkpoints", let step = StepName.step(in: url.lastPathComponent) {
      run = try RunFolder(opening: parent.deletingLastPathComponent().path)
      checkpoint = try run.checkpoints.checkpoint(step: step)
    } else {
      run = try RunFolder(opening: path)
      let (newest, warnings) = try run.checkpoints.newest()
      guard let newest else {
        throw StorageError(
          .missing, path: path,
          "the run has no checkpoint to go on from" + warnings.map { "; \($0)" }.joined())
      }
      checkpoint = newest
    }
    plan = try run.plan()
  }

  /// Throws when what was trained there cannot be put on the model of `source`.
  package func check(_ source: ModelLocation) throws(StorageError) {
    guard plan.training.method == .lora else {
      throw StorageError(
        .malformed, path: checkpoint.path,
        "the run trains all weights, so it has no adapter; export it, and give the export as model.source")
    }
    // Where the other model's files have gone, shapes still tell at loading.
    guard let theirs = try? ModelLocation(source: plan.model.source), theirs.realPath != source.realPath
    else { return }
    throw StorageError(
      .malformed, path: checkpoint.path,
      "the adapter was tuned on \(theirs.path), and model.source is \(source.path); give the same model")
  }
}

extension ModelLocation {
  /// With links followed: one model may go by many paths.
  fileprivate var realPath: String { URL(filePath: path).resolvingSymlinksInPath().path }
}

extension RunFolder {
  /// The checkpoint that training goes on from, copied when the run was made: whatever becomes of the other run, this
  /// one can be repeated.
  package var start: CheckpointStore { CheckpointStore(path: path + "/start") }

  /// What `start` holds.
  package func startingCheckpoint() throws(StorageError) -> Checkpoint {
    let (checkpoint, warnings) = try start.newest()
    guard let checkpoint else {
      throw StorageError(
        .missing, path: start.path,
        "the checkpoint that this run goes on from is not there" + warnings.map { "; \($0)" }.joined())
    }
    return checkpoint
  }

  func copyStart(_ point: StartingPoint) throws(StorageError) {
    do {
      try start.write(step: point.checkpoint.step) { writer in
        for file in point.checkpoint.manifest.files {
          let source = try point.checkpoint.file(file.name)
          try writer.file(file.name) { try FileManager.default.copyItem(atPath: source, toPath: $0) }
        }
      }
    } catch let error as StorageError {
      throw error
    } catch {
      throw StorageError(
        .inaccessible, path: point.checkpoint.path,
        "the checkpoint cannot be copied: \(error.localizedDescription)")
    }
  }
}
