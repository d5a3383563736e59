package import Store

/// Whether a request was signed (AWS's version 4) by who knows a secret, and now.
///
/// Session tokens are covered by the signature where the client signs them, and mean nothing else here.
package struct SignatureVerifier: Sendable, Hashable {
  /// Instead of the body's SHA-256, in a request whose body is not signed.
  package static let unsignedPayload = "UNSIGNED-PAYLOAD"

  /// Seconds that the signer's clock may differ, as AWS allows.
  package var tolerance: Int
  package var pathRule: SignedPathRule

  package init(tolerance: Int = 900, pathRule: SignedPathRule = .normalisedAndEncoded) {
    self.tolerance = tolerance
    self.pathRule = pathRule
  }

  /// - Parameters:
  ///   - claim: what `SignatureClaim` read out of the request's `authorization`.
  ///   - secret: the secret access key that belongs to `claim.accessKeyID`.
  package func verify(
    _ request: SignableRequest, _ claim: SignatureClaim, body: [UInt8], secret: String,
    at now: UnixTime = .now
  ) throws(SignatureFailure) {
    let moment = try checkedMoment(of: request, claim, now: now)
    for name in ["host"] where !claim.signedFields.contains(name) {
      throw SignatureFailure(.malformed, "the header '\(name)' must be among the signed ones")
    }
    let payload = try checkedPayload(of: request, body)
    let canonical = request.canonical(signed: claim.signedFields, payload: payload, path: pathRule)
    let expected = claim.scope.signature(of: canonical, at: moment, secret: secret)
    guard Self.areEqual(expected, claim.signature) else {
      throw SignatureFailure(
        .mismatch,
        "the signature is not the one that was calculated here; check the secret access key, and that no proxy "
          + "between changes the host, the path or signed headers")
    }
  }

  /// Whether a request with a presigned query was signed by who knows a secret, and holds still.
  package func verify(
    _ request: SignableRequest, _ presigned: PresignedQuery, body: [UInt8], secret: String,
    at now: UnixTime = .now
  ) throws(SignatureFailure) {
    let (claim, moment) = (presigned.claim, presigned.moment)
    guard claim.signedFields.contains("host") else {
      throw SignatureFailure(.malformed, "the header 'host' must be among the signed ones")
    }
    guard moment.day == claim.scope.day else {
      throw SignatureFailure(
        .malformed, "the credential is for the day \(claim.scope.day), the signature for \(moment.day)")
    }
    guard moment.time - now <= tolerance, now - moment.time <= presigned.lifetime else {
      throw SignatureFailure(
        .skewed,
        "the signature held from \(moment.text) for \(presigned.lifetime) s and now is \(SignatureMoment(now).text)"
      )
    }
    var request = request
    request.query = presigned.signed
    let canonical = request.canonical(
      signed: claim.signedFields, payload: try checkedPayload(of: request, body), path: pathRule)
    guard Self.areEqual(claim.scope.signature(of: canonical, at: moment, secret: secret), claim.signature)
    else {
      throw SignatureFailure(
        .mismatch,
        "the presigned signature is not the one that was calculated here; check the secret access key, and that "
          + "nothing was added to the address after it was signed")
    }
  }

  private func checkedMoment(of request: SignableRequest, _ claim: SignatureClaim, now: UnixTime)
    throws(SignatureFailure) -> SignatureMoment
  {
    guard let text = request.value("x-amz-date"), claim.signedFields.contains("x-amz-date") else {
      throw SignatureFailure(.malformed, "a signed request needs the header x-amz-date, and must sign it")
    }
    guard let moment = SignatureMoment(text) else {
      throw SignatureFailure(.malformed, "x-amz-date must be like 20261122T063000Z, got '\(text)'")
    }
    guard moment.day == claim.scope.day else {
      throw SignatureFailure(
        .malformed, "the credential is for the day \(claim.scope.day), the request for \(moment.day)")
    }
    guard abs(moment.time - now) <= tolerance else {
      throw SignatureFailure(
        .skewed,
        "the signature is from \(text) and now is \(SignatureMoment(now).text); "
          + "the clocks may differ by \(tolerance / 60) minutes at most")
    }
    return moment
  }

  /// What stands for the body in the canonical request.
  private func checkedPayload(of request: SignableRequest, _ body: [UInt8]) throws(SignatureFailure) -> String
  {
    let said = request.value("x-amz-content-sha256")
    if said == Self.unsignedPayload { return Self.unsignedPayload }
    if let said, said.hasPrefix("STREAMING-") {
      throw SignatureFailure(.malformed, "bodies that are signed in chunks (\(said)) are not taken")
    }
    let actual = Digest.hex(Digest.sha256(body))
    if let said, said.lowercased() != actual {
      throw SignatureFailure(.payload, "x-amz-content-sha256 is not the SHA-256 of the body that arrived")
    }
    return actual
  }

  /// In a time that does not tell how much is right.
  private static func areEqual(_ a: String, _ b: String) -> Bool {
    let (a, b) = (Array(a.utf8), Array(b.utf8))
    guard a.count == b.count else { return false }
    return zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}
