internal import Foundation

/// The bytes of files, one file on disk each, named by id.
package struct Blobs: Sendable {
  package let folder: String

  package init(folder: String) throws(StoreError) {
    self.folder = folder
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw StoreError(.unusable, "the folder \(folder) cannot be made: \(error.localizedDescription)")
    }
  }

  /// Ids are ours, and never a path.
  package func path(_ id: String) -> String {
    precondition(id.utf8.allSatisfy { $0 != UInt8(ascii: "/") } && !id.hasPrefix("."), "an id is no path")
    return folder + "/" + id
  }

  package func delete(_ id: String) { try? FileManager.default.removeItem(atPath: path(id)) }

  /// Moves a file that was written elsewhere on this disk to its place, once its bytes are on disk.
  package func adopt(_ source: String, as id: String) throws(StoreError) {
    guard rename(source, path(id)) == 0 else {
      throw StoreError(
        .unusable, "the file \(source) cannot be moved to \(path(id)): \(String(cString: strerror(errno)))")
    }
  }
}
