internal import Foundation
internal import Records
internal import Store

/// A copy of a data folder in one tar file, made while the service runs.
///
/// The store is copied first, as it is at one moment. Files and runs come after it, so all that the copy of the store
/// names is there; what the service adds in the meantime is in neither or harmless. Run folders are built to be cut off
/// anywhere, and of each the checkpoints come first: what its records say of later steps is cut away on resuming. A list
/// of everything with its SHA-256 ends the archive, and `restore` believes nothing else.
package enum Backup {
  static let manifest = "manifest.json"

  /// What was done.
  package struct Report: Sendable, Hashable {
    package var files = 0
    package var bytes = 0
    /// Ids of files that were deleted while the copy was made; `restore` takes their rows away.
    package var missing: [String] = []
  }

  /// Throws `ServiceFailure`; a file that could not be finished is taken away.
  package static func make(_ folder: DataFolder, to path: String) async throws -> Report {
    guard folder.exists else { throw ServiceFailure("\(folder.path) is no data folder: it has no store") }
    let store = try Store(path: folder.store)
    let copy = folder.scratch + "/backup-\(UUID().uuidString).sqlite"
    try folder.prepare()
    defer { for suffix in ["", "-wal", "-shm", "-journal"] { unlink(copy + suffix) } }
    try await store.backUp(to: copy)
    chmod(copy, 0o600)
    let stored = try await Store(path: copy).allFiles()
    let writer = try TarWriter(path)
    do {
      let report = try write(folder, copy: copy, stored: stored, writer)
      try writer.finish()
      return report
    } catch {
      writer.abandon()
      throw error
    }
  }

  private static func write(_ folder: DataFolder, copy: String, stored: [StoredFile], _ writer: TarWriter)
    throws -> Report
  {
    var report = Report()
    var entries: [JSONValue] = []
    var taken: Set<String> = []
    func add(_ source: String, as name: String) throws -> Bool {
      guard !taken.contains(name) else { return true }
      guard let (size, sha256) = try writer.addFile(source, as: name) else { return false }
      entries.append(["path": .string(name), "bytes": .integer(size), "sha256": .string(sha256)])
      taken.insert(name)
      report.files += 1
      report.bytes += size
      return true
    }
    /// What is in a folder of the data folder now; false when some of it went away on the way.
    func addFolder(_ name: String) throws -> Bool {
      var isWhole = true
      for path in try paths(below: folder.path + "/" + name) {
        let source = folder.path + "/" + name + "/" + path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else {
          isWhole = false
          continue
        }
        if isFolder.boolValue {
          try writer.addFolder(name + "/" + path)
        } else if try !add(source, as: name + "/" + path) {
          isWhole = false
        }
      }
      return isWhole
    }
    _ = try add(copy, as: "operant.sqlite")
    _ = try add(folder.secret, as: "secret")
    for file in stored where try !add(folder.files + "/" + file.id, as: "files/" + file.id) {
      report.missing.append(file.id)
    }
    for job in try names(in: folder.jobs) {
      for run in try names(in: folder.jobs + "/\(job)/run") {
        let checkpoints = "jobs/\(job)/run/\(run)/checkpoints"
        var attempts = 0
        // A worker takes old ones away as it makes new ones: the newest lives longest.
        while let newest = try names(in: folder.path + "/" + checkpoints).last(where: { !$0.hasPrefix(".") })
        {
          let name = checkpoints + "/" + newest
          // What is still under its name was there all the time.
          if try addFolder(name), FileManager.default.fileExists(atPath: folder.path + "/" + name) { break }
          attempts += 1
          guard attempts < mostAttempts else {
            throw ServiceFailure(
              "the job \(job) makes checkpoints faster than they can be copied; pause it for as long as the backup takes"
            )
          }
        }
      }
      _ = try addFolder("jobs/" + job)
    }
    for name in ["objects", "bedrock"] { _ = try addFolder(name) }
    let manifest: JSONValue = [
      "format": 1, "made_at": .integer(.now), "folder": .string(folder.path),
      "missing": .array(report.missing.map(JSONValue.string)), "entries": .array(entries),
    ]
    try writer.add(Array(manifest.serialised().utf8), as: Self.manifest)
    return report
  }

  /// Times that a checkpoint may be gone before it was copied.
  private static let mostAttempts = 100

  /// What is in a folder, sorted; nothing where there is none, or none any more.
  private static func names(in folder: String) throws -> [String] {
    guard isFolder(folder) else { return [] }
    do { return try FileManager.default.contentsOfDirectory(atPath: folder).sorted() } catch {
      if !isFolder(folder) { return [] }
      throw error
    }
  }

  /// Whether it is a folder, and no link to one.
  private static func isFolder(_ path: String) -> Bool {
    let attributes = try? FileManager.default.attributesOfItem(atPath: path)
    return attributes?[.type] as? FileAttributeType == .typeDirectory
  }

  /// Everything below a folder, folders before what is in them.
  private static func paths(below folder: String) throws -> [String] {
    try names(in: folder).flatMap { name in
      [name] + (try paths(below: folder + "/" + name).map { name + "/" + $0 })
    }
  }
}
