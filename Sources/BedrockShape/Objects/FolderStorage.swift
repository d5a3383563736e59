internal import Foundation

/// Buckets as folders on this machine: `s3://bucket/key` is `<root>/bucket/key`.
package struct FolderStorage: ObjectStorage {
  package let root: String

  package init(root: String) { self.root = root }

  /// The form of addresses keeps this below the root.
  private func path(_ address: S3Address) -> String { "\(root)/\(address.bucket)/\(address.key)" }

  package func file(_ address: S3Address, copyInto folder: String) async throws(ObjectFailure) -> String? {
    let path = path(address)
    return await Offload.run {
      var isFolder: ObjCBool = false
      return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
        ? path : nil
    }
  }

  package func put(_ source: String, at address: S3Address) async throws(ObjectFailure) {
    let path = path(address)
    let problem: String? = await Offload.run {
      let folder = URL(filePath: path).deletingLastPathComponent()
      let part = folder.appending(path: ".\(UUID().uuidString).part")
      do {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        try FileManager.default.copyItem(at: URL(filePath: source), to: part)
      } catch {
        try? FileManager.default.removeItem(at: part)
        return "\(path) cannot be written: \(error.localizedDescription)"
      }
      guard rename(part.path, path) == 0 else {
        let reason = String(cString: strerror(errno))
        try? FileManager.default.removeItem(at: part)
        return "\(path) cannot be written: \(reason)"
      }
      return nil
    }
    if let problem { throw ObjectFailure(problem) }
  }

  package func objects(below address: S3Address) async throws(ObjectFailure) -> [S3Address] {
    let bucket = "\(root)/\(address.bucket)"
    let prefix = address.key
    return await Offload.run {
      // A key's beginning need not end at a folder's name.
      let start = prefix.lastIndex(of: "/").map { String(prefix[...$0]) } ?? ""
      guard
        let walk = FileManager.default.enumerator(
          at: URL(filePath: "\(bucket)/\(start)"), includingPropertiesForKeys: [.isRegularFileKey],
          options: [.skipsHiddenFiles])
      else { return [] }
      let base = URL(filePath: bucket).standardizedFileURL.path + "/"
      var found: [S3Address] = []
      for case let url as URL in walk {
        guard (try? url.resourceValues(forKeys: [.isRegularFileKey]))?.isRegularFile == true else { continue }
        let path = url.standardizedFileURL.path
        guard path.hasPrefix(base) else { continue }
        let key = String(path.dropFirst(base.count))
        if key.hasPrefix(prefix) { found.append(S3Address(bucket: address.bucket, key: key)) }
      }
      return found.sorted { $0.key < $1.key }
    }
  }
}
