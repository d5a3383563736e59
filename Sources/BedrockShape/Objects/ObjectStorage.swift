/// Where `s3://` addresses lead.
package protocol ObjectStorage: Sendable {
  /// A file on this machine with the object's bytes: the object itself, or a copy inside `folder`. nil where there is
  /// no such object.
  func file(_ address: S3Address, copyInto folder: String) async throws(ObjectFailure) -> String?
  /// Puts a file's bytes at an address, whole or not at all.
  func put(_ path: String, at address: S3Address) async throws(ObjectFailure)
  /// The objects whose keys begin with the address's key, sorted.
  func objects(below address: S3Address) async throws(ObjectFailure) -> [S3Address]
}

/// Why an object could not be read or written.
package struct ObjectFailure: Error, Sendable, Hashable, CustomStringConvertible {
  package let message: String
  package var description: String { message }

  package init(_ message: String) { self.message = message }
}
