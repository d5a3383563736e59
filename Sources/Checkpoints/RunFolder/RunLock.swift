import Foundation

/// The right to write a run folder, held until the object goes or the process dies.
///
/// An advisory lock of the operating system (flock) on `worker.lock`: it needs no clean-up after kill -9. The
/// file's text, pid and host of the holder, is only there to be read by people and by the next one refused.
package final class RunLock: Sendable {
  private let descriptor: Int32

  fileprivate init(descriptor: Int32) { self.descriptor = descriptor }

  deinit { close(descriptor) }
}

extension RunFolder {
  /// Takes the right to write this run.
  ///
  /// - Throws: `StorageError` of kind `locked` that names the process which has it.
  package func lock() throws(StorageError) -> RunLock {
    // Close-on-exec: a grader's process must not inherit the lock and keep it after the worker is gone.
    let descriptor = open(lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw StorageError(errno: errno, path: lockPath, "cannot be opened") }
    // Whoever asks `isLocked` holds the lock for a moment: that is waited out before anybody is refused.
    var attempts = 5
    while flock(descriptor, LOCK_EX | LOCK_NB) != 0 {
      if errno == EWOULDBLOCK || errno == EINTR, attempts > 0 {
        attempts -= 1
        usleep(20_000)
        continue
      }
      let code = errno
      close(descriptor)
      guard code == EWOULDBLOCK else { throw StorageError(errno: code, path: lockPath, "cannot be locked") }
      throw StorageError(
        .locked, path: path,
        "another worker is writing this run (\(holder())); wait for it or stop it, then try again")
    }
    let text = Array("pid \(getpid()) on \(thisHost)\n".utf8)
    guard ftruncate(descriptor, 0) == 0, pwrite(descriptor, text, text.count, 0) == text.count else {
      let code = errno
      close(descriptor)
      throw StorageError(errno: code, path: lockPath, "the lock could not be signed")
    }
    return RunLock(descriptor: descriptor)
  }

  /// Whether a worker holds the lock now.
  package var isLocked: Bool {
    let descriptor = open(lockPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK
  }

  private func holder() -> String {
    let text = (try? Folder.bytes(of: lockPath)).map { String(decoding: $0, as: UTF8.self) } ?? ""
    let trimmed = text.trimmingCharacters(in: .whitespacesAndNewlines)
    return trimmed.isEmpty ? "its pid is not known" : trimmed
  }
}
