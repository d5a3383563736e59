package import Store

/// Signs requests by AWS's version 4.
package struct RequestSigner: Sendable, Hashable {
  package var accessKeyID: String
  package var secret: String
  package var sessionToken: String?
  package var region: String
  package var service: String
  package var pathRule: SignedPathRule

  package init(
    accessKeyID: String, secret: String, sessionToken: String? = nil, region: String, service: String,
    pathRule: SignedPathRule = .normalisedAndEncoded
  ) {
    self.accessKeyID = accessKeyID
    self.secret = secret
    self.sessionToken = sessionToken
    self.region = region
    self.service = service
    self.pathRule = pathRule
  }

  /// The fields to add to a request that has its `host`; every field that it has is signed.
  ///
  /// - Parameter payload: the body's SHA-256 in hexadecimal digits, or `SignatureVerifier.unsignedPayload`.
  package func fields(for request: SignableRequest, payload: String, at time: UnixTime = .now)
    -> [SignableRequest.Field]
  {
    let moment = SignatureMoment(time)
    var added = [
      SignableRequest.Field("x-amz-date", moment.text), .init("x-amz-content-sha256", payload),
    ]
    if let sessionToken { added.append(.init("x-amz-security-token", sessionToken)) }
    var request = request
    request.fields += added
    let names = Set(request.fields.map { $0.name.lowercased() }).sorted()
    let scope = SignatureScope(day: moment.day, region: region, service: service)
    let signature = scope.signature(
      of: request.canonical(signed: names, payload: payload, path: pathRule), at: moment, secret: secret)
    let authorization =
      "\(SignatureClaim.algorithm) Credential=\(accessKeyID)/\(scope.description), "
      + "SignedHeaders=\(names.joined(separator: ";")), Signature=\(signature)"
    return added + [.init("authorization", authorization)]
  }
}
