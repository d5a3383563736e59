extension CheckpointStore {
  /// The newest checkpoint whose files are all there and as they were written, or nil.
  ///
  /// `warnings` says why each newer one was passed over.
  package func newest() throws(StorageError) -> (checkpoint: Checkpoint?, warnings: [String]) {
    var warnings: [String] = []
    for step in try steps().reversed() {
      do {
        return (try checkpoint(step: step), warnings)
      } catch {
        warnings.append("a broken checkpoint is passed over: \(error)")
      }
    }
    return (nil, warnings)
  }

  /// The checkpoint of a step, with every file checked against the manifest.
  package func checkpoint(step: Int) throws(StorageError) -> Checkpoint {
    let path = folder(step)
    guard Folder.exists(path) else {
      let steps = try steps().map(String.init).joined(separator: ", ")
      throw StorageError(
        .missing, path: self.path,
        "there is no checkpoint of step \(step); there are \(steps.isEmpty ? "none" : "those of \(steps)")")
    }
    let manifest = try RecordCoding.read(CheckpointManifest.self, from: path + "/" + Self.manifestName)
    guard manifest.version == CheckpointManifest.version else {
      throw StorageError(
        .malformed, path: path,
        "the checkpoint is of format \(manifest.version); expected \(CheckpointManifest.version)")
    }
    guard manifest.step == step else {
      throw StorageError(.malformed, path: path, "the manifest is of step \(manifest.step), not \(step)")
    }
    for file in manifest.files {
      let sum = try FileChecksum.of(path + "/" + file.name)
      guard sum.bytes == file.bytes else {
        throw StorageError(
          .malformed, path: path + "/" + file.name,
          "the file has \(sum.bytes) bytes; \(file.bytes) were written")
      }
      guard sum.crc32 == file.crc32 else {
        throw StorageError(
          .malformed, path: path + "/" + file.name,
          "the file's checksum is \(sum.crc32); it was written with \(file.crc32): its bytes have changed")
      }
    }
    return Checkpoint(step: step, path: path, manifest: manifest)
  }
}
