/// A complete checkpoint on disk.
package struct Checkpoint: Sendable, Hashable {
  /// Optimiser steps done when it was taken: a run goes on with this one.
  package let step: Int
  package let path: String
  package let manifest: CheckpointManifest

  /// The path of one of its files.
  package func file(_ name: String) throws(StorageError) -> String {
    guard manifest.files.contains(where: { $0.name == name }) else {
      let names = manifest.files.map(\.name).joined(separator: ", ")
      throw StorageError(.missing, path: path, "the checkpoint has no file '\(name)'; it has \(names)")
    }
    return path + "/" + name
  }

  /// The bytes of one of its files.
  package func data(_ name: String) throws(StorageError) -> [UInt8] { try Folder.bytes(of: file(name)) }

  /// A value that `CheckpointWriter.json` wrote.
  package func json<Value: Decodable>(_ name: String, as _: Value.Type) throws(StorageError) -> Value {
    try RecordCoding.read(Value.self, from: file(name))
  }
}
