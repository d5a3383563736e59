internal import Cluster
internal import Foundation

/// Keeps a second service out of a data folder. The operating system lets go of it when the process ends, however it
/// ends.
package final class ServiceLock: Sendable {
  private let file: Int32

  /// Throws `ServiceFailure` that names the process that has it.
  package init(_ folder: DataFolder) throws(ServiceFailure) {
    let file = open(folder.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
    guard file >= 0 else {
      throw ServiceFailure("\(folder.lock) cannot be opened: \(String(cString: strerror(errno)))")
    }
    guard FileLock.take(file) else {
      let holder = Self.text(file)
      close(file)
      throw ServiceFailure(
        "another service works in \(folder.path) (\(holder.isEmpty ? "its process is not known" : holder)); "
          + "stop it, or give this one another folder with --data")
    }
    self.file = file
    let text = Array("process \(getpid())\n".utf8)
    ftruncate(file, 0)
    _ = text.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
  }

  deinit { close(file) }

  /// Whether a service works in a folder.
  package static func isHeld(_ folder: DataFolder) -> Bool {
    let file = open(folder.lock, O_RDONLY | O_CLOEXEC)
    guard file >= 0 else { return false }
    defer { close(file) }
    guard flock(file, LOCK_SH | LOCK_NB) == 0 else { return true }
    return false
  }

  private static func text(_ file: Int32) -> String {
    var bytes = [UInt8](repeating: 0, count: 200)
    let count = pread(file, &bytes, bytes.count, 0)
    return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
      .trimmingCharacters(in: .whitespacesAndNewlines)
  }
}
