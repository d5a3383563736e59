package import Records

/// The graded groups of one step: one JSON object a line, in a gzip file that `zcat` and `jq` read.
package enum EpisodeArchive {
  /// Writes the groups as a whole file, atomically.
  package static func write(_ groups: [GradedGroup], to path: String) throws(StorageError) {
    var file = try AtomicFile(replacing: path)
    var gzip = GzipWriter()
    for group in groups { try gzip.write(RecordCoding.line(group) + [0x0A], to: &file.output) }
    try gzip.finish(to: &file.output)
    try file.commit()
  }

  /// Gives the groups of a file one after the other, without holding them all.
  ///
  /// A damaged or cut-off file gives those before the damage.
  /// - Returns: what is damaged, as a sentence; nil when the file is whole.
  package static func read(
    _ path: String, _ body: (GradedGroup) -> Void
  ) throws(StorageError) -> String? {
    let bytes = try Folder.bytes(of: path)
    var line: [UInt8] = []
    var number = 0
    var problem: String?
    func take(_ piece: UnsafeRawBufferPointer) {
      var rest = piece[...]
      while let end = rest.firstIndex(of: 0x0A) {
        line += rest[..<end]
        number += 1
        do {
          body(try RecordCoding.decode(GradedGroup.self, from: line))
        } catch {
          problem = problem ?? "line \(number) is not a graded group: \(error)"
        }
        line.removeAll(keepingCapacity: true)
        rest = rest[(end + 1)...]
      }
      line += rest
    }
    let damage = bytes.withUnsafeBytes { GzipReader.read($0, take) }
    if damage == nil, !line.isEmpty { problem = problem ?? "the last line is not ended" }
    return (damage ?? problem).map { "\(path): \($0); \(number) groups were read before" }
  }

  /// All groups of a file; `damage` says what is missing, if anything.
  package static func groups(
    in path: String
  ) throws(StorageError) -> (groups: [GradedGroup], damage: String?) {
    var groups: [GradedGroup] = []
    let damage = try read(path) { groups.append($0) }
    return (groups, damage)
  }
}
