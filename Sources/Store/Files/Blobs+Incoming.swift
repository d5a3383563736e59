internal import Foundation

/// Files that are still being written: beside the others, on the same disk, under names that no id has.
extension Blobs {
  private static let incoming = ".incoming-"

  /// A path to write to, for `adopt`.
  package func incomingPath() -> String { "\(folder)/\(Self.incoming)\(Identifier.lower(length: 20))" }

  /// Removes what was being written when a service died. Only before requests are taken.
  package func removeIncoming() {
    for name in names where name.hasPrefix(Self.incoming) {
      try? FileManager.default.removeItem(atPath: "\(folder)/\(name)")
    }
  }

  /// Ids of the files that nobody has written to since a moment.
  package func ids(untouchedSince moment: UnixTime) -> [String] {
    names.filter { name in
      guard !name.hasPrefix("."),
        let attributes = try? FileManager.default.attributesOfItem(atPath: "\(folder)/\(name)"),
        let changed = attributes[.modificationDate] as? Date
      else { return false }
      return UnixTime(changed.timeIntervalSince1970) < moment
    }
  }

  /// Brings the names of the files themselves to disk.
  package func settle() {
    let descriptor = open(folder, O_RDONLY | O_DIRECTORY)
    guard descriptor >= 0 else { return }
    fsync(descriptor)
    close(descriptor)
  }

  private var names: [String] { (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] }
}
