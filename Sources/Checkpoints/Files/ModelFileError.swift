/// A model file that cannot be read: which file, which part of it, what was found and what was expected.
package struct ModelFileError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Says what a caller may do about it.
  package enum Kind: String, Sendable, Hashable, Codable {
    /// The file, or a tensor or shard that was asked for, is not there.
    case missing
    /// The operating system refused to open, map or write it.
    case inaccessible
    /// It ends before what it announces.
    case truncated
    /// It contradicts its own format.
    case malformed
    /// It is well-formed, and of a version or type that is not read.
    case unsupported
  }
  package var kind: Kind
  package var file: String
  /// The tensor or metadata key that the message is about, or empty.
  package var part: String
  /// What was found, what was expected, what to do.
  package var message: String

  package init(_ kind: Kind, file: String, part: String = "", _ message: String) {
    self.kind = kind
    self.file = file
    self.part = part
    self.message = message
  }

  package var description: String {
    part.isEmpty ? "\(file): \(message)" : "\(file): \(part): \(message)"
  }
}
