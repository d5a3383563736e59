internal import Foundation
internal import Records
internal import Store

/// A backup brought back, into a folder that has nothing in it.
package enum Restore {
  /// Throws `ServiceFailure`. Nothing is in the folder unless all of it is, verified.
  ///
  /// The folder itself stays the one that it is: it may be where a volume is mounted.
  package static func make(from path: String, to folder: DataFolder) async throws -> Backup.Report {
    let manager = FileManager.default
    let names = try? manager.contentsOfDirectory(atPath: folder.path)
    // A volume's file system may have a folder of its own there.
    if let names, !names.allSatisfy({ $0 == "lost+found" }) {
      let left = names.first { $0.hasPrefix(".restoring-") }.map {
        "; \($0) is of a restore that is under way or was cut off, which may be removed then"
      }
      throw ServiceFailure(
        "\(folder.path) is not empty; a backup is restored into a new or empty folder\(left ?? "")")
    }
    let fresh = DataFolder(folder.path + "/.restoring-\(UUID().uuidString.prefix(8))")
    try fresh.prepare()
    do {
      let (found, manifest) = try extract(path, into: fresh.path)
      let report = try await verify(found, manifest, fresh, final: folder)
      try moveEntries(of: fresh, to: folder)
      try folder.prepare()
      return report
    } catch {
      try? manager.removeItem(atPath: fresh.path)
      if names == nil { rmdir(folder.path) }
      throw error
    }
  }

  /// The store comes last: without it the folder is no data folder.
  private static func moveEntries(of fresh: DataFolder, to folder: DataFolder) throws {
    let store = (fresh.store as NSString).lastPathComponent
    let names = try FileManager.default.contentsOfDirectory(atPath: fresh.path).sorted()
    var moved: [String] = []
    for name in names.filter({ $0 != store }) + [store] {
      guard rename(fresh.path + "/" + name, folder.path + "/" + name) == 0 else {
        let reason = String(cString: strerror(errno))
        for name in moved { try? FileManager.default.removeItem(atPath: folder.path + "/" + name) }
        throw ServiceFailure("\(folder.path)/\(name) cannot be put into its place: \(reason)")
      }
      moved.append(name)
    }
    rmdir(fresh.path)
  }

  // MARK: Bytes

  private static func extract(_ path: String, into folder: String) throws -> (
    [String: (Int, String)], JSONValue
  ) {
    let reader = try TarReader(path)
    var found: [String: (Int, String)] = [:]
    var manifest: JSONValue?
    while let entry = try reader.next() {
      let name = entry.path.hasSuffix("/") ? String(entry.path.dropLast()) : entry.path
      guard isSafe(name) else {
        throw ServiceFailure("\(path) is no backup of a service: it has an entry '\(name.prefix(100))'")
      }
      if name == Backup.manifest {
        var bytes: [UInt8] = []
        while let data = try reader.content() { bytes += data }
        manifest = try? JSONValue(parsing: bytes)
        continue
      }
      let target = folder + "/" + name
      if entry.kind == .folder {
        try makeFolder(target)
      } else {
        try makeFolder((target as NSString).deletingLastPathComponent)
        found[name] = try write(reader, to: target)
      }
    }
    guard let manifest, manifest["format"]?.integer == 1 else {
      throw ServiceFailure("\(path) is no whole backup of a service: its list of contents is missing")
    }
    return (found, manifest)
  }

  /// Names that `Backup` gives, and nothing that leads out of the folder.
  private static func isSafe(_ name: String) -> Bool {
    let parts = name.split(separator: "/", omittingEmptySubsequences: false)
    guard !parts.contains(where: { $0.isEmpty || $0 == "." || $0 == ".." }) else { return false }
    return ["operant.sqlite", "secret", Backup.manifest].contains(name)
      || parts.count > 1 && ["files", "jobs", "objects", "bedrock"].contains(String(parts[0]))
  }

  private static func makeFolder(_ path: String) throws {
    try FileManager.default.createDirectory(
      atPath: path, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
  }

  private static func write(_ reader: TarReader, to target: String) throws -> (Int, String) {
    let descriptor = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ServiceFailure("\(target) cannot be made: \(String(cString: strerror(errno)))")
    }
    let file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let digest = StreamingDigest(.sha256)
    var size = 0
    while let data = try reader.content() {
      data.withUnsafeBytes { digest.update($0) }
      try file.write(contentsOf: data)
      size += data.count
    }
    try file.synchronize()
    return (size, Digest.hex(digest.finish()))
  }

  // MARK: Sense

  private static func verify(
    _ found: [String: (Int, String)], _ manifest: JSONValue, _ fresh: DataFolder, final: DataFolder
  ) async throws -> Backup.Report {
    var report = Backup.Report()
    var problems: [String] = []
    var left = Set(found.keys)
    for entry in manifest["entries"]?.array ?? [] {
      guard let path = entry["path"]?.string, let size = entry["bytes"]?.integer,
        let sha256 = entry["sha256"]?.string
      else {
        problems.append("the list of contents cannot be read")
        continue
      }
      left.remove(path)
      guard let (actual, hash) = found[path] else {
        problems.append("\(path) is missing")
        continue
      }
      if actual != size || hash != sha256 { problems.append("\(path) is damaged") }
      report.files += 1
      report.bytes += size
    }
    problems += left.sorted().map { "\($0) is in no list" }
    report.missing = manifest["missing"]?.array?.compactMap(\.string) ?? []
    guard problems.isEmpty, found["operant.sqlite"] != nil, found["secret"] != nil else {
      throw ServiceFailure(
        "the backup is damaged: " + (problems.prefix(10).joined(separator: "; ")))
    }
    let store = try Store(path: fresh.store)
    problems += try await store.integrityProblems()
    for file in try await store.allFiles() where !report.missing.contains(file.id) {
      if found["files/" + file.id]?.1 != file.sha256 {
        problems.append("the file \(file.id) is not what its row says")
      }
    }
    guard problems.isEmpty else {
      throw ServiceFailure("the backup is damaged: " + problems.prefix(10).joined(separator: "; "))
    }
    try await store.removeFiles(report.missing)
    // The workers that the copy names are those of the service that was copied, and may be at work for it now. Nobody
    // works in a folder that was just made.
    try await store.forgetLaunches()
    let old = manifest["folder"]?.string ?? final.path
    try await store.movePaths(from: old, to: final.path)
    try movePlans(found.keys, in: fresh, from: old, to: final.path)
    try store.close()
    return report
  }

  /// Plans of runs name their rows, and what they go on from, by whole paths.
  private static func movePlans(
    _ names: some Sequence<String>, in fresh: DataFolder, from old: String, to new: String
  ) throws {
    guard old != new else { return }
    for name in names where name.hasPrefix("jobs/") && name.hasSuffix("/plan.json") {
      let path = fresh.path + "/" + name
      let text = try String(contentsOfFile: path, encoding: .utf8)
      try text.replacing("\"\(old)/", with: "\"\(new)/").write(
        toFile: path, atomically: true, encoding: .utf8)
    }
  }
}
