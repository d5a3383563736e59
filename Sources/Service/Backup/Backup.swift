internal import Foundation
internal import Records
internal import Store

/// A copy of a data folder in one tar file, made while the service runs.
///
/// The store is copied first, as it is at one moment. Files and runs come after it, so all that the copy of the store
/// names is there; what the service adds in the meantime is in neither or harmless. Run folders are built to be cut off
/// anywhere. A list of everything with its SHA-256 ends the archive, and `restore` believes nothing else.
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
    func add(_ source: String, as name: String) throws -> Bool {
      guard let (size, sha256) = try writer.addFile(source, as: name) else { return false }
      entries.append(["path": .string(name), "bytes": .integer(size), "sha256": .string(sha256)])
      report.files += 1
      report.bytes += size
      return true
    }
    _ = try add(copy, as: "operant.sqlite")
    _ = try add(folder.secret, as: "secret")
    for file in stored where try !add(folder.files + "/" + file.id, as: "files/" + file.id) {
      report.missing.append(file.id)
    }
    for name in ["jobs", "objects", "bedrock"] {
      for path in try paths(below: folder.path + "/" + name) {
        let source = folder.path + "/" + name + "/" + path
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: source, isDirectory: &isFolder) else { continue }
        if isFolder.boolValue {
          try writer.addFolder(name + "/" + path)
        } else {
          _ = try add(source, as: name + "/" + path)
        }
      }
    }
    let manifest: JSONValue = [
      "format": 1, "made_at": .integer(.now), "folder": .string(folder.path),
      "missing": .array(report.missing.map(JSONValue.string)), "entries": .array(entries),
    ]
    try writer.add(Array(manifest.serialised().utf8), as: Self.manifest)
    return report
  }

  private static func paths(below folder: String) throws -> [String] {
    guard FileManager.default.fileExists(atPath: folder) else { return [] }
    return try FileManager.default.subpathsOfDirectory(atPath: folder).sorted()
  }
}
