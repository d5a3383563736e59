/// What a request's `authorization` header says of its signature; nothing in it is true until it was verified.
package struct SignatureClaim: Sendable, Hashable {
  static let algorithm = "AWS4-HMAC-SHA256"

  package var accessKeyID: String
  package var scope: SignatureScope
  /// Lower-case, in their order.
  package var signedFields: [String]
  package var signature: String

  /// Whether a header is meant as a signature of this version.
  package static func isPresent(in authorization: String) -> Bool { authorization.hasPrefix(algorithm) }

  /// Reads `AWS4-HMAC-SHA256 Credential=<key>/<day>/<region>/<service>/aws4_request, SignedHeaders=a;b, Signature=<hex>`.
  package init(_ authorization: String) throws(SignatureFailure) {
    guard Self.isPresent(in: authorization) else {
      throw SignatureFailure(.malformed, "the authorization header is no \(Self.algorithm) signature")
    }
    var members: [String: String] = [:]
    for part in authorization.dropFirst(Self.algorithm.count).split(separator: ",") {
      let pair = part.split(separator: "=", maxSplits: 1).map {
        $0.split(whereSeparator: \.isWhitespace).joined()
      }
      if pair.count == 2 { members[pair[0]] = pair[1] }
    }
    let missing = ["Credential", "SignedHeaders", "Signature"].filter { members[$0] == nil }
    guard let credential = members["Credential"], let names = members["SignedHeaders"],
      let signature = members["Signature"]
    else {
      throw SignatureFailure(
        .malformed, "the authorization header has no \(missing.joined(separator: " and no "))")
    }
    try self.init(credential: credential, signedFields: names, signature: signature)
  }

  /// - Parameters:
  ///   - credential: `<key>/<day>/<region>/<service>/aws4_request`.
  ///   - signedFields: names with semicolons between them.
  init(credential: String, signedFields names: String, signature: String) throws(SignatureFailure) {
    let parts = credential.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 5, parts[4] == "aws4_request", !parts[0].isEmpty else {
      throw SignatureFailure(
        .malformed,
        "the credential must be <access key id>/<YYYYMMDD>/<region>/<service>/aws4_request, got '\(credential)'"
      )
    }
    accessKeyID = parts[0]
    scope = SignatureScope(day: parts[1], region: parts[2], service: parts[3])
    signedFields = names.split(separator: ";").map { $0.lowercased() }
    self.signature = signature
  }
}
