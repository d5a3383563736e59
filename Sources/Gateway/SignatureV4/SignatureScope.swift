internal import Store

/// What a signature holds for: a day, a region, a service.
package struct SignatureScope: Sendable, Hashable {
  /// `YYYYMMDD`, UTC.
  package var day: String
  package var region: String
  package var service: String

  package init(day: String, region: String, service: String) {
    self.day = day
    self.region = region
    self.service = service
  }

  package var description: String { "\(day)/\(region)/\(service)/aws4_request" }

  /// The signature of a canonical request, as hexadecimal digits.
  func signature(of canonical: String, at moment: SignatureMoment, secret: String) -> String {
    let text = [
      SignatureClaim.algorithm, moment.text, description,
      Digest.hex(Digest.sha256(Array(canonical.utf8))),
    ].joined(separator: "\n")
    var key = Array("AWS4\(secret)".utf8)
    for part in [day, region, service, "aws4_request", text] {
      key = Digest.hmac(key: key, Array(part.utf8))
    }
    return Digest.hex(key)
  }
}
