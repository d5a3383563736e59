import CZlib
import Foundation

/// Length and CRC-32 of a file, read in pieces.
struct FileChecksum {
  let bytes: Int
  let crc32: String

  static func of(_ path: String) throws(StorageError) -> FileChecksum {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw StorageError(errno: errno, path: path, "cannot be opened") }
    defer { close(descriptor) }
    let piece = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
    defer { piece.deallocate() }
    var count = 0
    var crc: UInt = 0
    while true {
      let got = read(descriptor, piece.baseAddress, piece.count)
      guard got >= 0 else {
        if errno == EINTR { continue }
        throw StorageError(errno: errno, path: path, "cannot be read")
      }
      if got == 0 { break }
      crc = crc32_z(crc, piece.baseAddress?.assumingMemoryBound(to: UInt8.self), got)
      count += got
    }
    let digits = String(crc, radix: 16)
    return FileChecksum(bytes: count, crc32: String(repeating: "0", count: 8 - digits.count) + digits)
  }
}
