import Foundation

/// The few things that are asked of folders, with errors that name them.
enum Folder {
  /// Makes a folder and those above it; one that is there already is fine.
  static func make(_ path: String) throws(StorageError) {
    do {
      try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
      throw StorageError(
        .inaccessible, path: path, "the folder could not be made: \(error.localizedDescription)")
    }
  }

  /// Names of what is in a folder, sorted; none when there is no such folder.
  static func names(in path: String) throws(StorageError) -> [String] {
    guard exists(path) else { return [] }
    do {
      return try FileManager.default.contentsOfDirectory(atPath: path).sorted()
    } catch {
      throw StorageError(
        .inaccessible, path: path, "the folder could not be listed: \(error.localizedDescription)")
    }
  }

  /// Removes a file, or a folder with all that is in it.
  static func remove(_ path: String) throws(StorageError) {
    do {
      try FileManager.default.removeItem(atPath: path)
    } catch {
      throw StorageError(.inaccessible, path: path, "could not be removed: \(error.localizedDescription)")
    }
  }

  static func exists(_ path: String) -> Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// The bytes of a whole file, read and not mapped: another process may be writing it.
  static func bytes(of path: String) throws(StorageError) -> [UInt8] {
    guard FileManager.default.fileExists(atPath: path) else {
      throw StorageError(.missing, path: path, "there is no such file")
    }
    do {
      return [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
      throw StorageError(.inaccessible, path: path, "cannot be read: \(error.localizedDescription)")
    }
  }
}
