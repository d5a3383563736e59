internal import GRDB

/// Why the store did not do what it was asked.
package struct StoreError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    case missing
    /// Something of that name is there already, or has moved on.
    case conflict
    /// Disk, file or SQLite.
    case unusable
  }
  package let kind: Kind
  package let message: String
  package var description: String { message }

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  init(_ error: any Error) {
    if let known = error as? StoreError {
      self = known
    } else if let database = error as? DatabaseError, database.resultCode == .SQLITE_CONSTRAINT {
      self.init(.conflict, database.message ?? "it is there already")
    } else {
      self.init(.unusable, "the store could not be used: \(error)")
    }
  }
}
