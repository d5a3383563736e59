package import Foundation

/// What a checkpoint consists of; written last, it is what makes a folder a checkpoint.
package struct CheckpointManifest: Sendable, Codable {
  /// The version that is written, and the only one that is read.
  static let version = 1

  /// A file and what it must be to be the one that was written.
  package struct File: Sendable, Hashable, Codable {
    package var name: String
    package var bytes: Int
    /// The CRC-32 of zlib and PNG, eight hexadecimal digits: against broken disks, not against forgery.
    package var crc32: String
  }
  package var version: Int
  package var step: Int
  /// For people; not part of what makes two manifests equal.
  package var created: Date
  /// By name.
  package var files: [File]
}

extension CheckpointManifest: Hashable {
  package static func == (a: CheckpointManifest, b: CheckpointManifest) -> Bool {
    a.version == b.version && a.step == b.step && a.files == b.files
  }

  package func hash(into hasher: inout Hasher) {
    hasher.combine(version)
    hasher.combine(step)
    hasher.combine(files)
  }
}
