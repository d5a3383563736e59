internal import GRDB

/// A key of a project. The key itself is shown once and not kept: only its SHA-256 is.
package struct APIKey: StoredRecord {
  package static let databaseTableName = "apiKey"

  package var sequence: Int64?
  package var id: String
  package var projectID: String
  package var name: String
  /// The first and last letters, for people to tell keys apart.
  package var hint: String
  package var hash: String
  /// For signatures of AWS's version 4; the secret is derived, see `SigningSecret`.
  package var accessKeyID: String
  /// Space separated `KeyScope`s.
  package var scopes: String
  package var createdAt: UnixTime
  package var expiresAt: UnixTime?
  package var revokedAt: UnixTime?
  package var lastUsedAt: UnixTime?
  /// nil takes the service's limit.
  package var requestsPerMinute: Int?

  /// A new key, and the text to show once.
  package static func make(
    projectID: String, name: String, scopes: Set<KeyScope>, expiresAt: UnixTime? = nil,
    requestsPerMinute: Int? = nil
  ) -> (key: APIKey, secret: String) {
    let secret = Identifier.new("sk-operant-", length: 40)
    let key = APIKey(
      id: Identifier.new("key_"), projectID: projectID, name: name,
      hint: "\(secret.prefix(14))...\(secret.suffix(4))", hash: hash(of: secret),
      accessKeyID: "OPAK" + Identifier.lower(length: 16).uppercased(),
      scopes: KeyScope.allCases.filter(scopes.contains).map(\.rawValue).joined(separator: " "),
      createdAt: .now, expiresAt: expiresAt, requestsPerMinute: requestsPerMinute)
    return (key, secret)
  }

  package static func hash(of secret: String) -> String { Digest.hex(Digest.sha256(Array(secret.utf8))) }

  package var allows: Set<KeyScope> {
    Set(scopes.split(separator: " ").compactMap { KeyScope(rawValue: String($0)) })
  }

  package func isValid(at moment: UnixTime) -> Bool {
    revokedAt == nil && (expiresAt ?? .max) > moment
  }
}

/// What a key may do.
package enum KeyScope: String, Sendable, Hashable, Codable, CaseIterable {
  /// Look at everything of the project.
  case read
  /// Files, jobs, models, deployments: make, change, delete.
  case write
  /// Ask models.
  case inference
  /// Projects and keys.
  case admin
}

/// The secret access keys of AWS's signatures: derived from the service's own secret, so that none is kept, and yet a
/// signature can be checked, which a hash does not allow.
package struct SigningSecret: Sendable {
  private let master: [UInt8]

  package init(master: [UInt8]) { self.master = master }

  package func secret(of accessKeyID: String) -> String {
    Digest.hex(Digest.hmac(key: master, Array("operant signing \(accessKeyID)".utf8))).prefix(40).description
  }
}
