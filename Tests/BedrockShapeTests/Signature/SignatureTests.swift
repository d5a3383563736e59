import Gateway
import Store
import Testing

/// Signatures of AWS's version 4. The worked request is the one of AWS's public description of the algorithm (the
/// listing of IAM users), whose every intermediate is printed there.
struct SignatureTests {
  static let secret = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"
  static let moment = SignatureMoment("20150830T123600Z")!

  static func listUsers() -> SignableRequest {
    SignableRequest(
      method: "GET", target: "/?Action=ListUsers&Version=2010-05-08",
      fields: [
        .init("Content-Type", "application/x-www-form-urlencoded; charset=utf-8"),
        .init("Host", "iam.amazonaws.com"), .init("X-Amz-Date", "20150830T123600Z"),
      ])
  }

  static func claim(_ signature: String, signed: String = "content-type;host;x-amz-date") throws
    -> SignatureClaim
  {
    try SignatureClaim(
      "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
        + "SignedHeaders=\(signed), Signature=\(signature)")
  }

  static let published = "5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7"

  @Test func `the published example has the published canonical request and signature`() throws {
    let request = Self.listUsers()
    let canonical = request.canonical(
      signed: ["content-type", "host", "x-amz-date"], payload: Digest.hex(Digest.sha256([])),
      path: .normalisedAndEncoded)
    #expect(
      Digest.hex(Digest.sha256(Array(canonical.utf8)))
        == "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59")
    try SignatureVerifier().verify(
      request, try Self.claim(Self.published), body: [], secret: Self.secret, at: Self.moment.time)
  }

  @Test(arguments: [
    ("another secret", 0), ("another method", 1), ("another path", 2), ("another query", 3),
    ("another signed header", 4), ("another body", 5), ("another region", 6), ("a digit of the signature", 7),
  ])
  func `nothing that is signed can be changed`(_ what: String, _ change: Int) throws {
    var request = Self.listUsers()
    var claim = try Self.claim(Self.published)
    var secret = Self.secret
    var body: [UInt8] = []
    switch change {
    case 0: secret += "x"
    case 1: request.method = "POST"
    case 2: request.path = "/x"
    case 3: request.query += "&MaxItems=1"
    case 4: request.fields[0].value = "text/plain"
    case 5: body = [1]
    case 6: claim.scope.region = "us-west-2"
    default: claim.signature = "0" + claim.signature.dropFirst()
    }
    let error = #expect(throws: SignatureFailure.self) {
      try SignatureVerifier().verify(request, claim, body: body, secret: secret, at: Self.moment.time)
    }
    #expect(error?.kind == .mismatch, "\(what)")
    #expect(error?.code == "InvalidSignatureException")
  }

  @Test(arguments: [(899, true), (900, true), (901, false), (-900, true), (-901, false)])
  func `a signature holds for fifteen minutes either way`(_ seconds: Int, _ holds: Bool) throws {
    let verify = {
      try SignatureVerifier().verify(
        Self.listUsers(), try Self.claim(Self.published), body: [], secret: Self.secret,
        at: Self.moment.time + seconds)
    }
    if holds {
      try verify()
    } else {
      let error = #expect(throws: SignatureFailure.self) { try verify() }
      #expect(error?.kind == .skewed)
    }
  }

  @Test(arguments: [
    "Bearer x", "AWS4-HMAC-SHA256", "AWS4-HMAC-SHA256 Credential=a/b/c, SignedHeaders=host, Signature=0",
    "AWS4-HMAC-SHA256 Credential=a/20150830/r/s/aws4_request, SignedHeaders=host",
    "AWS4-HMAC-SHA256 Credential=/20150830/r/s/aws4_request, SignedHeaders=host, Signature=0",
  ])
  func `what is no signature is malformed`(_ header: String) {
    let error = #expect(throws: SignatureFailure.self) { try SignatureClaim(header) }
    #expect(error?.kind == .malformed)
    #expect(error?.code == "IncompleteSignatureException")
  }

  @Test(arguments: ["x-amz-date", "content-type;host", "content-type;x-amz-date"])
  func `host and date must be signed`(_ signed: String) throws {
    let error = #expect(throws: SignatureFailure.self) {
      try SignatureVerifier().verify(
        Self.listUsers(), try Self.claim(Self.published, signed: signed), body: [], secret: Self.secret,
        at: Self.moment.time)
    }
    #expect(error?.kind == .malformed)
  }

  @Test func `a body that is said to be another one is refused, and an unsigned one is taken`() throws {
    let signer = RequestSigner(
      accessKeyID: "A", secret: "s", sessionToken: "token", region: "r", service: "bedrock")
    let request = SignableRequest(
      method: "POST", target: "/model/x/invoke", fields: [.init("host", "localhost:1")])
    func check(payload: String, body: [UInt8]) throws {
      var signed = request
      signed.fields += signer.fields(for: request, payload: payload, at: 1_000)
      let header = try #require(signed.value("authorization"))
      let claim = try SignatureClaim(header)
      #expect(claim.accessKeyID == "A")
      #expect(claim.signedFields.contains("x-amz-security-token"))
      try SignatureVerifier().verify(signed, claim, body: body, secret: "s", at: 1_000)
    }
    try check(payload: SignatureVerifier.unsignedPayload, body: [1, 2])
    try check(payload: Digest.hex(Digest.sha256([1, 2])), body: [1, 2])
    let error = #expect(throws: SignatureFailure.self) {
      try check(payload: Digest.hex(Digest.sha256([1, 2])), body: [3])
    }
    #expect(error?.kind == .payload)
  }

  @Test(arguments: [
    ("", "/"), ("/", "/"), ("/a/./b//c/../d/", "/a/b/d/"), ("/a%2Fb", "/a%252Fb"),
    ("/arn%3Aaws", "/arn%253Aaws"),
    ("/a:b", "/a%3Ab"), ("/..", "/"), ("/~x_-.", "/~x_-."),
  ])
  func `paths are normalised and encoded once more`(_ path: String, _ canonical: String) {
    let request = SignableRequest(method: "GET", path: path, query: "", fields: [])
    #expect(
      request.canonical(signed: [], payload: "", path: .normalisedAndEncoded).split(
        separator: "\n", omittingEmptySubsequences: false)[1] == canonical)
  }

  @Test(arguments: [
    ("b=2&a=1", "a=1&b=2"), ("a=2&a=1", "a=1&a=2"), ("a", "a="), ("a=b=c", "a=b%3Dc"), ("a=%7e", "a=~"),
    ("a=x%20y", "a=x%20y"), ("a=b+c", "a=b%2Bc"), ("", ""), ("%41=1", "A=1"), ("a=%", "a=%25"),
  ])
  func `queries are sorted and spelled one way`(_ query: String, _ canonical: String) {
    let request = SignableRequest(method: "GET", path: "/", query: query, fields: [])
    #expect(
      request.canonical(signed: [], payload: "", path: .normalisedAndEncoded).split(
        separator: "\n", omittingEmptySubsequences: false)[2] == canonical)
  }

  @Test(arguments: ["20261122T063000Z", "20240229T235959Z", "19700101T000000Z"])
  func `moments are read and written alike`(_ text: String) throws {
    let moment = try #require(SignatureMoment(text))
    #expect(SignatureMoment(moment.time).text == text)
  }

  @Test(arguments: ["20261301T000000Z", "20230229T000000Z", "2026-11-22T06:30:00Z", "20261122T0630+0Z", ""])
  func `what is no moment is none`(_ text: String) { #expect(SignatureMoment(text) == nil) }
}
