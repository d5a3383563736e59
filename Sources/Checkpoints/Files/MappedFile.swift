import Foundation

/// A whole file mapped into memory, read-only; it is unmapped when the last reference goes.
///
/// Pages are read from disk when they are touched. A file that another process shortens while it is mapped
/// ends this one with SIGBUS, which is why nothing here ever writes a file in place: see `AtomicFile`.
final class MappedFile: Sendable {
  let path: String
  /// Valid as long as this object is.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  init(path: String) throws(ModelFileError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else {
      let code = errno
      throw ModelFileError(
        code == ENOENT ? .missing : .inaccessible, file: path,
        "the file cannot be opened: \(systemMessage(code))")
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw ModelFileError(.inaccessible, file: path, "its size cannot be read: \(systemMessage(errno))")
    }
    guard status.st_mode & S_IFMT == S_IFREG else {
      throw ModelFileError(.inaccessible, file: path, "expected a file, found a folder or a device")
    }
    self.path = path
    let count = Int(status.st_size)
    if count == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
      throw ModelFileError(.inaccessible, file: path, "it cannot be mapped: \(systemMessage(errno))")
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    if let start = bytes.baseAddress { munmap(UnsafeMutableRawPointer(mutating: start), bytes.count) }
  }

  /// Lends the bytes of a range; the pointer must not outlive the call.
  func withBytes<Result, Failure: Error>(
    in range: Range<Int>, _ body: (UnsafeRawBufferPointer) throws(Failure) -> Result
  ) throws(Failure) -> Result {
    precondition(
      range.lowerBound >= 0 && range.upperBound <= bytes.count,
      "bytes \(range) are not in \(path), which has \(bytes.count)")
    defer { extendLifetime(self) }
    return try body(UnsafeRawBufferPointer(rebasing: bytes[range]))
  }
}

/// The operating system's words for an error number.
func systemMessage(_ code: Int32) -> String { String(cString: strerror(code)) }
