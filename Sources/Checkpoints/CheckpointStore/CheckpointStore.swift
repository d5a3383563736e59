import Foundation

/// The checkpoints of a run: a folder `step-000012` each, complete or not there.
///
/// A checkpoint is written into a folder with a dot in front, brought to disk, and renamed; it is deleted by
/// renaming it the other way first. Whatever is killed when, a folder named `step-...` is one that was whole,
/// and `newest` still checks it against its manifest before anybody builds on it.
package struct CheckpointStore: Sendable, Hashable {
  static let manifestName = "manifest.json"
  private static let pinPrefix = ".pinned-"

  package let path: String

  package init(path: String) { self.path = path }

  /// Removes what a killed writer left behind; only for who has the right to write (`RunLock`).
  package func removeLeftovers() throws(StorageError) {
    for name in try Folder.names(in: path) where name.hasPrefix(".") {
      if let step = Self.step(of: name, prefix: ".replaced-"), !Folder.exists(folder(step)) {
        // Killed between putting the old one aside and the new one in its place.
        try AtomicFile.move(path + "/" + name, to: folder(step))
      } else if [".tmp-", ".deleted-", ".replaced-"].contains(where: name.hasPrefix) {
        try Folder.remove(path + "/" + name)
      }
    }
  }

  /// Writes a checkpoint; one of the same step is replaced.
  ///
  /// - Throws: `StorageError`, or what `body` throws; nothing of the new checkpoint is then left.
  @discardableResult
  package func write(step: Int, _ body: (CheckpointWriter) throws -> Void) throws -> Checkpoint {
    try Folder.make(path)
    let temporary = path + "/" + Self.hidden(".tmp-", step)
    try Folder.make(temporary)
    do {
      let writer = CheckpointWriter(folder: temporary)
      try body(writer)
      let manifest = CheckpointManifest(
        version: CheckpointManifest.version, step: step, created: Date(),
        files: writer.files.sorted { $0.name < $1.name })
      try AtomicFile.write(RecordCoding.document(manifest), to: temporary + "/" + Self.manifestName)
      try replace(step: step, with: temporary)
      return Checkpoint(step: step, path: folder(step), manifest: manifest)
    } catch {
      try? Folder.remove(temporary)
      throw error
    }
  }

  private func replace(step: Int, with temporary: String) throws(StorageError) {
    guard Folder.exists(folder(step)) else { return try AtomicFile.move(temporary, to: folder(step)) }
    let aside = path + "/" + Self.hidden(".replaced-", step)
    try AtomicFile.move(folder(step), to: aside)
    try AtomicFile.move(temporary, to: folder(step))
    try Folder.remove(aside)
  }

  /// Deletes all but the newest and the protected steps; zero keeps only the protected ones.
  ///
  /// - Returns: the steps deleted.
  @discardableResult
  package func prune(keepingNewest count: Int, protecting steps: Set<Int> = []) throws(StorageError) -> [Int]
  {
    let kept = try steps.union(self.steps().suffix(max(0, count))).union(pinned())
    let deleted = try self.steps().filter { !kept.contains($0) }
    for step in deleted { try delete(step: step) }
    return deleted
  }

  /// Keeps a step's checkpoint from being pruned, by whoever: somebody was told that it is there.
  package func pin(step: Int) throws(StorageError) {
    try AtomicFile.write([], to: path + "/" + Self.pinPrefix + StepName.of(step))
  }

  /// The steps that are pinned, whether they have a checkpoint or not.
  package func pinned() throws(StorageError) -> Set<Int> {
    Set(try Folder.names(in: path).compactMap { Self.step(of: $0, prefix: Self.pinPrefix) })
  }

  /// Deletes a checkpoint.
  package func delete(step: Int) throws(StorageError) {
    let hidden = path + "/" + Self.hidden(".deleted-", step)
    try AtomicFile.move(folder(step), to: hidden)
    try Folder.remove(hidden)
  }

  /// The steps that have a checkpoint, in order; that their files are whole is not checked.
  package func steps() throws(StorageError) -> [Int] {
    try Folder.names(in: path).filter { !$0.hasPrefix(".") }.compactMap(StepName.step).sorted()
  }

  /// Where a step's checkpoint lies, when there is one.
  package func folder(_ step: Int) -> String { path + "/" + StepName.of(step) }

  private static func hidden(_ prefix: String, _ step: Int) -> String {
    "\(prefix)\(StepName.of(step)).\(UInt32.random(in: 0 ... .max))"
  }

  private static func step(of name: String, prefix: String) -> Int? {
    name.hasPrefix(prefix) ? StepName.step(in: String(name.dropFirst(prefix.count))) : nil
  }
}
