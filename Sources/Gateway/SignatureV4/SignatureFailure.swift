/// Why a signature does not hold.
package struct SignatureFailure: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    /// It cannot be read, or does not cover what it must.
    case malformed
    /// It is from another time than now.
    case skewed
    /// The body is not the one that was signed.
    case payload
    /// The secret is another, or the request was changed on its way.
    case mismatch
  }
  package var kind: Kind
  package var message: String
  package var description: String { message }

  package init(_ kind: Kind, _ message: String) {
    self.kind = kind
    self.message = message
  }

  /// AWS's word for it.
  package var code: String {
    switch kind {
    case .malformed: "IncompleteSignatureException"
    case .skewed, .payload, .mismatch: "InvalidSignatureException"
    }
  }
}
