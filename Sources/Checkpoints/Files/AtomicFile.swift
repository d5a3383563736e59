import Foundation

/// A file that is wholly there or not at all, whatever kills the process or the machine meanwhile.
///
/// It is written beside its final place, brought to disk, and renamed over what was there by `commit`; without
/// that, what was there stays and the new file goes.
package struct AtomicFile: ~Copyable {
  package var output: OutputFile
  private let path: String
  private let isDurable: Bool
  private var isCommitted = false

  /// - Parameter isDurable: false saves the wait for the disk: the file is still never seen half-written by
  ///   another process, and may be lost with the power.
  package init(replacing path: String, isDurable: Bool = true) throws(StorageError) {
    self.path = path
    self.isDurable = isDurable
    output = try OutputFile(creating: path + ".tmp-\(UInt32.random(in: 0 ... .max))")
  }

  deinit {
    if !isCommitted { unlink(output.path) }
  }

  /// Puts the file in its place.
  package mutating func commit() throws(StorageError) {
    if isDurable { try output.synchronise() }
    try Self.move(output.path, to: path, isDurable: isDurable)
    isCommitted = true
  }

  /// Writes these bytes as a whole file.
  package static func write(_ bytes: [UInt8], to path: String, isDurable: Bool = true) throws(StorageError) {
    var file = try AtomicFile(replacing: path, isDurable: isDurable)
    try file.output.write(bytes)
    try file.commit()
  }

  /// Renames within one folder, and brings the folder's new listing to disk.
  static func move(_ source: String, to target: String, isDurable: Bool = true) throws(StorageError) {
    guard rename(source, target) == 0 else {
      let code = errno
      throw StorageError(errno: code, path: target, "'\(source)' could not be renamed to it")
    }
    if isDurable {
      let folder = (target as NSString).deletingLastPathComponent
      try synchronise(folder.isEmpty ? "." : folder)
    }
  }

  /// Brings a file's bytes, or a folder's listing, to disk: a new name is only safe once its folder is.
  static func synchronise(_ path: String) throws(StorageError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StorageError(errno: errno, path: path, "cannot be opened") }
    defer { close(descriptor) }
    guard fsync(descriptor) == 0 else {
      throw StorageError(errno: errno, path: path, "could not be brought to disk")
    }
  }
}
