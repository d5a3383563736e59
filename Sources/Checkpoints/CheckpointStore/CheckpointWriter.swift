import Foundation

/// Collects the files of a checkpoint that is being written.
package final class CheckpointWriter {
  private let folder: String
  private(set) var files: [CheckpointManifest.File] = []

  init(folder: String) { self.folder = folder }

  /// Adds a file that `body` writes at the path it is given.
  ///
  /// - Throws: `StorageError`, or what `body` throws.
  package func file(_ name: String, _ body: (_ path: String) throws -> Void) throws {
    precondition(
      !name.contains("/") && !name.hasPrefix(".") && name != CheckpointStore.manifestName
        && !files.contains { $0.name == name },
      "'\(name)' is not a new file name for a checkpoint")
    let path = folder + "/" + name
    try body(path)
    files.append(try Self.seal(path, name: name))
  }

  /// Adds a file of these bytes.
  package func data(_ name: String, _ bytes: [UInt8]) throws(StorageError) {
    var file = try OutputFile(creating: folder + "/" + name)
    try file.write(bytes)
    files.append(try Self.seal(folder + "/" + name, name: name))
  }

  /// Adds a value as JSON; equal values are equal bytes.
  package func json(_ name: String, _ value: some Encodable) throws(StorageError) {
    try data(name, RecordCoding.document(value))
  }

  /// Brings a file to disk and notes what it is.
  private static func seal(_ path: String, name: String) throws(StorageError) -> CheckpointManifest.File {
    try AtomicFile.synchronise(path)
    let sum = try FileChecksum.of(path)
    return CheckpointManifest.File(name: name, bytes: sum.bytes, crc32: sum.crc32)
  }
}
