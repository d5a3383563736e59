import Foundation

/// A file open for writing at its end; closed when it goes out of use.
package struct OutputFile: ~Copyable, Sendable {
  package let path: String
  private let descriptor: Int32
  /// Bytes written through this value.
  package private(set) var count = 0

  /// Makes a new file; throws when there is one of this name.
  package init(creating path: String) throws(StorageError) {
    try self.init(path: path, flags: O_CREAT | O_EXCL)
  }

  /// Opens a file to write after what it has, and makes it when there is none.
  package init(appendingTo path: String) throws(StorageError) {
    try self.init(path: path, flags: O_CREAT | O_APPEND)
  }

  private init(path: String, flags: Int32) throws(StorageError) {
    let opened = open(path, O_WRONLY | O_CLOEXEC | flags, 0o644)
    guard opened >= 0 else { throw StorageError(errno: errno, path: path, "cannot be opened for writing") }
    descriptor = opened
    self.path = path
  }

  deinit { close(descriptor) }

  /// Writes all of the bytes, in one system call where the system lets it.
  package mutating func write(_ bytes: UnsafeRawBufferPointer) throws(StorageError) {
    var rest = bytes
    while !rest.isEmpty {
      let written = Foundation.write(descriptor, rest.baseAddress, rest.count)
      guard written >= 0 else {
        if errno == EINTR { continue }
        throw StorageError(errno: errno, path: path, "\(rest.count) bytes could not be written")
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[written...])
      count += written
    }
  }

  /// Writes all of the bytes.
  package mutating func write(_ bytes: [UInt8]) throws(StorageError) {
    try bytes.withUnsafeBufferPointer { (buffer) throws(StorageError) in
      try write(UnsafeRawBufferPointer(buffer))
    }
  }

  /// Waits until what was written is on the disk itself.
  package func synchronise() throws(StorageError) {
    guard fsync(descriptor) == 0 else {
      throw StorageError(errno: errno, path: path, "could not be brought to disk")
    }
  }
}
