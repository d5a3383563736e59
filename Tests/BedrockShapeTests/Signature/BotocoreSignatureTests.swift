import Gateway
import Records
import Testing

/// What the stock client signs is what the verifier takes, path by path and query by query.
struct BotocoreSignatureTests {
  @Test(.enabled(if: BotoScript.missing == nil, "\(BotoScript.missing ?? "")"))
  func `every request that botocore signed is verified, and none with another secret`() async throws {
    let cases = try #require(try await BotoScript.run("signatures.py").array)
    #expect(cases.count == 60)
    for one in cases {
      let target = try #require(one["target"]?.string)
      let fields = try #require(one["fields"]?.array).map {
        SignableRequest.Field($0.array?[0].string ?? "", $0.array?[1].string ?? "")
      }
      let request = SignableRequest(
        method: try #require(one["method"]?.string), target: target, fields: fields)
      let header = try #require(request.value("authorization"))
      let claim = try SignatureClaim(header)
      let date = try #require(request.value("x-amz-date"))
      let moment = try #require(SignatureMoment(date))
      let digits = Array(try #require(one["body"]?.string))
      let body = stride(from: 0, to: digits.count, by: 2).compactMap {
        UInt8(String(digits[$0...($0 + 1)]), radix: 16)
      }
      #expect(claim.scope.service == "bedrock")
      #expect(claim.scope.region == "us-west-2")
      #expect(throws: Never.self, "\(target)") {
        try SignatureVerifier().verify(request, claim, body: body, secret: "se/cret+key=", at: moment.time)
      }
      #expect(throws: SignatureFailure.self) {
        try SignatureVerifier().verify(request, claim, body: body, secret: "other", at: moment.time)
      }
    }
  }
}
