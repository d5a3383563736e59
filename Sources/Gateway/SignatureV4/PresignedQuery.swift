internal import Foundation

/// A signature that stands in a query and holds for a while: a presigned URL's. Nothing in it is true until it was
/// verified.
package struct PresignedQuery: Sendable, Hashable {
  /// Seconds that one may hold: as long as Bedrock's short-term keys do at most.
  static let longest = 43_200

  package var claim: SignatureClaim
  package var moment: SignatureMoment
  /// Seconds from `moment`.
  package var lifetime: Int
  /// What the signature covers of the query.
  package var signed: String

  package static func isPresent(in query: String) -> Bool {
    query.split(separator: "&").contains { $0.hasPrefix("X-Amz-Signature=") }
  }

  /// - Parameter added: names of members that came to the query after it was signed.
  package init(_ query: String, added: [String] = []) throws(SignatureFailure) {
    var members: [String: String] = [:]
    var signed: [Substring] = []
    for pair in query.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let name = PercentEncoding.decoded(parts[0]) ?? ""
      members[name] = parts.count > 1 ? PercentEncoding.decoded(parts[1]) : ""
      if name != "X-Amz-Signature" && !added.contains(name) { signed.append(pair) }
    }
    self.signed = signed.joined(separator: "&")
    func member(_ name: String) throws(SignatureFailure) -> String {
      guard let value = members["X-Amz-\(name)"] else {
        throw SignatureFailure(.malformed, "the presigned query has no X-Amz-\(name)")
      }
      return value
    }
    guard try member("Algorithm") == SignatureClaim.algorithm else {
      throw SignatureFailure(.malformed, "X-Amz-Algorithm must be \(SignatureClaim.algorithm)")
    }
    claim = try SignatureClaim(
      credential: try member("Credential"), signedFields: try member("SignedHeaders"),
      signature: try member("Signature"))
    guard let moment = SignatureMoment(try member("Date")) else {
      throw SignatureFailure(.malformed, "X-Amz-Date must be like 20261122T063000Z")
    }
    self.moment = moment
    guard let lifetime = Int(try member("Expires")), (1...Self.longest).contains(lifetime) else {
      throw SignatureFailure(.malformed, "X-Amz-Expires must be a whole number from 1 to \(Self.longest)")
    }
    self.lifetime = lifetime
  }
}

/// Bedrock's short-term keys: `bedrock-api-key-` and the base64 of a URL that was presigned for the one action of
/// speaking by a bearer token. The key and its secret are in nobody's hands but the signer's.
package struct ShortTermKey: Sendable, Hashable {
  static let prefix = "bedrock-api-key-"

  package var query: PresignedQuery
  /// The request that was signed, and never sent.
  package var request: SignableRequest

  /// - Parameter text: behind the prefix.
  package init(_ text: some StringProtocol) throws(SignatureFailure) {
    guard let bytes = Data(base64Encoded: String(text)),
      let address = String(validating: bytes, as: UTF8.self),
      let slash = address.firstIndex(of: "/"), let mark = address.firstIndex(of: "?"), slash < mark
    else { throw SignatureFailure(.malformed, "the short-term key is no presigned address in base64") }
    let text = String(address[address.index(after: mark)...])
    guard text.split(separator: "&").contains("Action=CallWithBearerToken") else {
      throw SignatureFailure(.malformed, "the short-term key was not signed for Action=CallWithBearerToken")
    }
    // The version of the key's own form is added to what was signed.
    query = try PresignedQuery(text, added: ["Version"])
    request = SignableRequest(
      method: "POST", path: String(address[slash..<mark]), query: text,
      fields: [.init("host", String(address[..<slash]))])
  }
}
