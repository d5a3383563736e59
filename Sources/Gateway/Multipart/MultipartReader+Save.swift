internal import Dispatch
internal import Foundation
internal import Hummingbird
internal import NIOCore
internal import Store

extension MultipartReader {
  /// What `save` has written.
  package struct SavedPart: Sendable, Hashable {
    package let bytes: Int
    /// SHA-256, in hexadecimal digits.
    package let sha256: String
  }

  /// Writes the rest of the part into a new file that only its owner may read, and brings it to disk. A file that
  /// could not be finished is taken away.
  ///
  /// - Parameter limit: `APIFailure` of the kind `tooLarge` beyond so many bytes.
  package func save(to path: String, limit: Int) async throws -> SavedPart {
    let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard file >= 0 else { throw Self.failure("made", path) }
    defer { close(file) }
    do {
      let digest = StreamingDigest(.sha256)
      var count = 0
      while let chunk = try await nextChunk() {
        count += chunk.readableBytes
        guard count <= limit else {
          throw APIFailure(.tooLarge, "the file is larger than \(limit) bytes")
        }
        chunk.withUnsafeReadableBytes { digest.update($0) }
        guard Self.write(chunk, to: file) else { throw Self.failure("written", path) }
      }
      // Bringing much to disk takes long, and no thread of the pool should wait for it.
      let isOnDisk = await withCheckedContinuation { continuation in
        DispatchQueue.global().async { continuation.resume(returning: fsync(file) == 0) }
      }
      guard isOnDisk else { throw Self.failure("brought to disk", path) }
      return SavedPart(bytes: count, sha256: Digest.hex(digest.finish()))
    } catch {
      unlink(path)
      throw error
    }
  }

  private static func write(_ chunk: ByteBuffer, to file: Int32) -> Bool {
    chunk.withUnsafeReadableBytes { bytes in
      var done = 0
      while done < bytes.count {
        let count = Foundation.write(file, bytes.baseAddress! + done, bytes.count - done)
        if count < 0, errno == EINTR { continue }
        if count <= 0 { return false }
        done += count
      }
      return true
    }
  }

  private static func failure(_ verb: String, _ path: String) -> StoreError {
    StoreError(.unusable, "the file \(path) could not be \(verb): \(String(cString: strerror(errno)))")
  }
}
