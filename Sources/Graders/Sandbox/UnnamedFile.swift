import Foundation

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A temporary file that is gone when it is closed. A child may write to it while nobody reads.
struct UnnamedFile: ~Copyable {
  let descriptor: Int32

  init(_ bytes: [UInt8] = []) throws(ChildProcess.StartFailure) {
    var path = Array((NSTemporaryDirectory() + "/operant-XXXXXX").utf8CString)
    let made = mkstemp(&path)
    guard made >= 0 else {
      throw ChildProcess.StartFailure(
        reason: "no temporary file can be made: \(String(cString: strerror(errno)))")
    }
    unlink(path)
    _ = fcntl(made, F_SETFD, FD_CLOEXEC)
    var written = 0
    while written < bytes.count {
      let count = bytes[written...].withUnsafeBytes { write(made, $0.baseAddress, $0.count) }
      guard count > 0 else {
        throw ChildProcess.StartFailure(
          reason: "a temporary file cannot be written: \(String(cString: strerror(errno)))")
      }
      written += count
    }
    lseek(made, 0, SEEK_SET)
    descriptor = made
  }

  deinit { close(descriptor) }

  /// Its first megabyte.
  var contents: [UInt8] {
    var bytes = [UInt8](repeating: 0, count: 1 << 20)
    let count = bytes.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, 0) }
    return Array(bytes.prefix(max(count, 0)))
  }
}
