internal import Checkpoints
internal import Foundation

/// A folder that is wholly there or not at all: written beside its final place, then renamed to it.
enum ExportFolder {
  /// Calls `body` with the path of a new, empty folder, which takes the place of `destination` once it is full.
  ///
  /// Throws `StorageError` when there is something at the destination other than an empty folder, and what
  /// `body` throws; nothing is left behind then.
  static func write(to destination: String, _ body: (_ folder: String) throws -> Void) throws {
    let files = FileManager.default
    let place = URL(filePath: destination).standardizedFileURL
    try checkIsFree(place.path)
    let draft = place.path + ".tmp-\(UInt32.random(in: 0 ... .max))"
    do {
      try files.createDirectory(atPath: draft, withIntermediateDirectories: true)
    } catch {
      throw StorageError(
        .inaccessible, path: draft, "the folder could not be made: \(error.localizedDescription)")
    }
    do {
      try body(draft)
      // Renaming takes an empty folder's place, and no other: what appeared there meanwhile is safe.
      guard rename(draft, place.path) == 0 else {
        let reason = String(cString: strerror(errno))
        throw StorageError(
          .inaccessible, path: place.path, "'\(draft)' could not be renamed to it: \(reason)")
      }
      try synchronise(place.deletingLastPathComponent().path)
    } catch {
      try? files.removeItem(atPath: draft)
      throw error
    }
  }

  /// Throws when there is something at the destination other than an empty folder.
  static func checkIsFree(_ path: String) throws(StorageError) {
    var isFolder: ObjCBool = false
    guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else { return }
    guard isFolder.boolValue else {
      throw StorageError(.exists, path: path, "there is a file of this name; give a new folder")
    }
    guard (try? FileManager.default.contentsOfDirectory(atPath: path))?.isEmpty == true else {
      throw StorageError(
        .exists, path: path, "the folder is there already and not empty; give a new one, or remove it first")
    }
  }

  /// Brings the new name to disk: the files inside already are, each by its own writer.
  private static func synchronise(_ folder: String) throws(StorageError) {
    let descriptor = open(folder, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0, fsync(descriptor) == 0 else {
      let reason = String(cString: strerror(errno))
      if descriptor >= 0 { close(descriptor) }
      throw StorageError(.inaccessible, path: folder, "could not be brought to disk: \(reason)")
    }
    close(descriptor)
  }
}
