internal import Foundation
internal import Store

/// Writes a tar archive into a new file, and hashes what goes in.
final class TarWriter {
  private let file: FileHandle
  private let path: String

  /// Throws `ServiceFailure` when there is a file of that name already.
  init(_ path: String) throws(ServiceFailure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else {
      throw ServiceFailure("\(path) cannot be made: \(String(cString: strerror(errno)))")
    }
    file = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    self.path = path
  }

  func addFolder(_ name: String) throws {
    try file.write(contentsOf: TarEntry(path: name + "/", kind: .folder, size: 0, modified: 0).header)
  }

  /// Adds a file as it is now: what is appended while it is read is left out, and a file that is gone adds nothing.
  ///
  /// - Returns: its size and SHA-256, or nil when it is gone.
  func addFile(_ source: String, as name: String) throws -> (size: Int, sha256: String)? {
    let attributes = try? FileManager.default.attributesOfItem(atPath: source)
    guard attributes?[.type] as? FileAttributeType == .typeRegular else { return nil }
    let descriptor = open(source, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    guard descriptor >= 0 else {
      if errno == ENOENT || errno == ELOOP { return nil }
      throw ServiceFailure("\(source) cannot be read: \(String(cString: strerror(errno)))")
    }
    let input = FileHandle(fileDescriptor: descriptor, closeOnDealloc: true)
    let size = Int(try input.seekToEnd())
    try input.seek(toOffset: 0)
    let modified = (attributes?[.modificationDate] as? Date)?.timeIntervalSince1970 ?? 0
    try file.write(
      contentsOf: TarEntry(path: name, kind: .file, size: size, modified: Int(modified)).header)
    let digest = StreamingDigest(.sha256)
    var left = size
    while left > 0 {
      // A file that was cut while we read it is filled up with zeros: the archive must stay in step.
      let data = try input.read(upToCount: min(left, 1 << 20)) ?? Data(count: min(left, 1 << 20))
      let chunk = data.isEmpty ? Data(count: min(left, 1 << 20)) : data
      chunk.withUnsafeBytes { digest.update($0) }
      try file.write(contentsOf: chunk)
      left -= chunk.count
    }
    try file.write(contentsOf: [UInt8](repeating: 0, count: TarEntry.padding(size)))
    return (size, Digest.hex(digest.finish()))
  }

  func add(_ bytes: [UInt8], as name: String) throws {
    try file.write(
      contentsOf: TarEntry(path: name, kind: .file, size: bytes.count, modified: UnixTime.now).header)
    try file.write(contentsOf: bytes + [UInt8](repeating: 0, count: TarEntry.padding(bytes.count)))
  }

  /// Ends the archive and brings it to disk.
  func finish() throws {
    try file.write(contentsOf: [UInt8](repeating: 0, count: 2 * TarEntry.block))
    try file.synchronize()
    try file.close()
  }

  /// Takes the unfinished file away.
  func abandon() {
    try? file.close()
    unlink(path)
  }
}

extension FileHandle {
  fileprivate func write(contentsOf bytes: [UInt8]) throws { try write(contentsOf: Data(bytes)) }
}
