package import Foundation
package import Records

/// A run on disk: where its parts lie. Nothing is held open; copies are the same run.
///
///     plan.json            the resolved recipe
///     status.json          state, step, worker, heartbeat
///     failure.json         why it failed, when it did
///     journal.jsonl        a StepRecord a line: the same bits whenever the run is repeated
///     timing.jsonl         a StepTiming a line
///     evaluations.jsonl    a StepEvaluation a line
///     defence.json         alarms, and what canaries were paid
///     episodes/            step-000012.jsonl.gz: the graded groups of a step
///     tensorboard/         event files
///     checkpoints/         step-000012/: see CheckpointStore
///     start/               the checkpoint that training goes on from, where it began with one
///     exports/             models for other tools
///     worker.lock          held by the worker that writes here
package struct RunFolder: Sendable, Hashable {
  package let path: String

  /// The folder of an existing run.
  ///
  /// - Throws: `StorageError` when there is no such folder, or it has no plan.
  package init(opening path: String) throws(StorageError) {
    let absolute = URL(filePath: path).standardizedFileURL.path
    guard Folder.exists(absolute) else {
      let root = (absolute as NSString).deletingLastPathComponent
      let name = (absolute as NSString).lastPathComponent
      let near = EditDistance.nearest(to: name, among: (try? Folder.names(in: root)) ?? [])
      let hint =
        near.map { "; did you mean '\(root)/\($0)'?" } ?? "; `operant run list` shows the runs there are"
      throw StorageError(.missing, path: path, "there is no such run folder\(hint)")
    }
    self.init(path: absolute)
    guard FileManager.default.fileExists(atPath: planPath) else {
      throw StorageError(
        .missing, path: path,
        "the folder has no plan.json; expected a run folder as `operant train` makes one")
    }
  }

  private init(path: String) { self.path = path }

  /// Makes the folder of a new run, `<plan's name>-<yyyymmdd-hhmmss, UTC>`, below a root that need not be
  /// there; never one that exists. It appears under its name complete with plan and status, or not at all.
  package static func create(_ plan: Plan, under root: String, at date: Date = Date()) throws(StorageError)
    -> RunFolder
  {
    let root = URL(filePath: root).standardizedFileURL.path
    try Folder.make(root)
    let stem = "\(root)/\(slug(plan.name))-\(timestamp(date))"
    let temporary = RunFolder(path: "\(root)/.new-\(UInt32.random(in: 0 ... .max))")
    do throws(StorageError) {
      for folder in [
        temporary.path, temporary.episodesPath, temporary.tensorBoardPath, temporary.exportsPath,
      ] {
        try Folder.make(folder)
      }
      try Folder.make(temporary.checkpoints.path)
      if let adapter = plan.model.adapter { try temporary.copyStart(StartingPoint(adapter)) }
      try temporary.write(plan)
      try temporary.write(RunStatus(state: .created, step: 0, steps: plan.training.steps, created: date))
      for suffix in 1...100 {
        let path = suffix == 1 ? stem : "\(stem)-\(suffix)"
        do {
          // Renaming over a folder that has anything in it fails, and a run folder always has.
          try AtomicFile.move(temporary.path, to: path)
          return RunFolder(path: path)
        } catch  where error.kind == .exists {
          continue
        }
      }
      throw StorageError(.exists, path: stem, "a hundred runs of this name were made in one second")
    } catch {
      try? Folder.remove(temporary.path)
      throw error
    }
  }

  /// A name as a file name: letters, digits, '.', '_', '-' stay; anything else becomes '-'.
  private static func slug(_ name: String) -> String {
    let kept = name.unicodeScalars.map { scalar in
      let isPlain = scalar.isASCII && (scalar.properties.isAlphabetic || scalar.properties.numericType != nil)
      return isPlain || "._-".unicodeScalars.contains(scalar) ? Character(scalar) : "-"
    }
    let trimmed = String(kept).drop { $0 == "." || $0 == "-" }
    return trimmed.isEmpty ? "run" : String(trimmed.prefix(80))
  }

  private static func timestamp(_ date: Date) -> String {
    var calendar = Calendar(identifier: .gregorian)
    calendar.timeZone = .gmt
    let parts = calendar.dateComponents([.year, .month, .day, .hour, .minute, .second], from: date)
    func digits(_ part: Int?, _ width: Int) -> String {
      let text = String(part ?? 0)
      return String(repeating: "0", count: max(0, width - text.count)) + text
    }
    return digits(parts.year, 4) + digits(parts.month, 2) + digits(parts.day, 2) + "-"
      + digits(parts.hour, 2) + digits(parts.minute, 2) + digits(parts.second, 2)
  }
}

extension RunFolder {
  package var name: String { (path as NSString).lastPathComponent }
  package var planPath: String { path + "/plan.json" }
  package var statusPath: String { path + "/status.json" }
  package var failurePath: String { path + "/failure.json" }
  package var journalPath: String { path + "/journal.jsonl" }
  package var timingPath: String { path + "/timing.jsonl" }
  package var defencePath: String { path + "/defence.json" }
  package var evaluationsPath: String { path + "/evaluations.jsonl" }
  package var episodesPath: String { path + "/episodes" }
  package var tensorBoardPath: String { path + "/tensorboard" }
  package var exportsPath: String { path + "/exports" }
  package var lockPath: String { path + "/worker.lock" }
  package var checkpoints: CheckpointStore { CheckpointStore(path: path + "/checkpoints") }

  /// The archive of a step's episodes.
  package func episodesPath(step: Int) -> String { "\(episodesPath)/\(StepName.of(step)).jsonl.gz" }
}

/// Steps as file names: `step-000012`, so that names sort as numbers do.
enum StepName {
  static func of(_ step: Int) -> String {
    precondition(step >= 0, "step \(step) is negative")
    let digits = String(step)
    return "step-" + String(repeating: "0", count: max(0, 6 - digits.count)) + digits
  }

  /// The step of a name that `of` made, whatever extension follows.
  static func step(in name: String) -> Int? {
    guard name.hasPrefix("step-") else { return nil }
    let digits = name.dropFirst(5).prefix { $0 != "." }
    return digits.utf8.allSatisfy { (0x30...0x39).contains($0) } ? Int(digits) : nil
  }
}
