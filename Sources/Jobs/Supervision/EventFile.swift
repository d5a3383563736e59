internal import Foundation

/// The lines that are added to a file, from where reading stopped.
struct EventFile: Sendable {
  let path: String
  /// The first byte that was not read yet: behind a line's end.
  private(set) var offset: Int

  /// - Parameter offset: where reading stopped; the file's end where it has become shorter since.
  init(path: String, offset: Int) {
    self.path = path
    let size = (try? FileManager.default.attributesOfItem(atPath: path))?[.size] as? Int ?? 0
    self.offset = min(offset, size)
  }

  /// The next whole lines, some MiB of them at most; none when there are no more, or no file yet.
  mutating func next() -> [ArraySlice<UInt8>] {
    guard let file = FileHandle(forReadingAtPath: path) else { return [] }
    defer { try? file.close() }
    var size = 4 << 20
    while true {
      guard (try? file.seek(toOffset: UInt64(offset))) != nil, let data = try? file.read(upToCount: size),
        !data.isEmpty
      else { return [] }
      let bytes = [UInt8](data)
      if let end = bytes.lastIndex(of: 0x0A) {
        offset += end + 1
        return bytes[..<end].split(separator: 0x0A)
      }
      // One line that is longer than what was read: read more, unless it is still being written.
      guard bytes.count == size else { return [] }
      size *= 2
    }
  }
}
