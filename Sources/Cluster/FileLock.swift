internal import Foundation

/// Locks of the operating system on open files, that end with the process however it ends.
package enum FileLock {
  /// Takes the lock of an open file for this process alone.
  ///
  /// A process that was cloned from the last holder has the file open, and with it the lock, until it becomes another
  /// program: that is waited out before anybody is refused.
  ///
  /// - Parameter attempts: to take it, 20 ms apart.
  /// - Returns: whether it was taken; `errno` says why not.
  package static func take(_ descriptor: Int32, attempts: Int = 10) -> Bool {
    for attempt in 1...attempts {
      if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
      guard errno == EWOULDBLOCK || errno == EINTR, attempt < attempts else { return false }
      usleep(20_000)
    }
    return false
  }
}
