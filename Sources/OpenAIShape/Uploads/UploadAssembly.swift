import Foundation
import Store

/// Puts the parts of an upload together into one file.
struct UploadAssembly: Sendable {
  struct Result: Sendable {
    var sha256: String
    var md5: String
  }

  /// Paths of the parts, in order.
  let parts: [String]
  let destination: String

  private static let bufferSize = 1 << 20

  /// Reads every byte once, writes and hashes it, and brings the file to disk. Blocks for as long as that takes.
  ///
  /// - Throws: `StoreError`; what was written is taken away.
  func run() throws -> Result {
    let output = open(destination, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard output >= 0 else { throw Self.failure("made", destination) }
    defer { close(output) }
    do {
      let sha256 = StreamingDigest(.sha256)
      let md5 = StreamingDigest(.md5)
      let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Self.bufferSize, alignment: 16)
      defer { buffer.deallocate() }
      for part in parts {
        let input = open(part, O_RDONLY | O_CLOEXEC)
        guard input >= 0 else { throw Self.failure("read", part) }
        defer { close(input) }
        while true {
          let count = read(input, buffer.baseAddress, buffer.count)
          if count < 0, errno == EINTR { continue }
          guard count >= 0 else { throw Self.failure("read", part) }
          if count == 0 { break }
          let bytes = UnsafeRawBufferPointer(rebasing: buffer[..<count])
          sha256.update(bytes)
          md5.update(bytes)
          try Self.write(bytes, to: output, destination)
        }
      }
      guard fsync(output) == 0 else { throw Self.failure("brought to disk", destination) }
      return Result(sha256: Digest.hex(sha256.finish()), md5: Digest.hex(md5.finish()))
    } catch {
      unlink(destination)
      throw error
    }
  }

  private static func write(_ bytes: UnsafeRawBufferPointer, to file: Int32, _ path: String) throws {
    var rest = bytes
    while let start = rest.baseAddress, !rest.isEmpty {
      let count = Foundation.write(file, start, rest.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { throw failure("written", path) }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  private static func failure(_ verb: String, _ path: String) -> StoreError {
    StoreError(.unusable, "the file \(path) could not be \(verb): \(String(cString: strerror(errno)))")
  }
}
