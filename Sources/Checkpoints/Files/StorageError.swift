import Foundation

/// Something on disk that cannot be written, or read back: which path, what happened, what to do.
package struct StorageError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Says what a caller may do about it.
  package enum Kind: String, Sendable, Hashable, Codable {
    case missing
    /// There is something already where something new was to be made.
    case exists
    /// Another process is at work here.
    case locked
    /// What is there is not what was written, or of a version that is not read.
    case malformed
    /// The operating system refused: full disk, no permission, broken device.
    case inaccessible
  }
  package var kind: Kind
  package var path: String
  /// What was found, what was expected, what to do.
  package var message: String

  package init(_ kind: Kind, path: String, _ message: String) {
    self.kind = kind
    self.path = path
    self.message = message
  }

  /// The operating system's refusal of `action`, for example "cannot be opened".
  init(errno code: Int32, path: String, _ action: String) {
    let kind: Kind =
      switch code {
      case ENOENT: .missing
      case EEXIST, ENOTEMPTY: .exists
      default: .inaccessible
      }
    self.init(kind, path: path, "\(action): \(systemMessage(code))")
  }

  package var description: String { "\(path): \(message)" }
}
