import Foundation
import Gateway
import Records
import Store
import Testing

/// Requests signed by AWS's version 4, through the whole way.
struct SignedRequestTests {
  static func headers(
    _ server: TestServer, _ path: String, body: [UInt8], secret: String, at time: UnixTime = .now
  ) -> [String: String] {
    let signer = RequestSigner(
      accessKeyID: server.key.accessKeyID, secret: secret, region: "us-east-1", service: "bedrock")
    let request = SignableRequest(
      method: "POST", target: path, fields: [.init("host", "127.0.0.1:\(server.port)")])
    let fields = signer.fields(for: request, payload: Digest.hex(Digest.sha256(body)), at: time)
    return Dictionary(uniqueKeysWithValues: fields.map { ($0.name, $0.value) })
  }

  @Test(.timeLimit(.minutes(30)))
  func `a request that was signed with a key's secret is that key's, and its body is still there`()
    async throws
  {
    let signing = SigningSecret(master: Array(repeating: 7, count: 32))
    try await TestServer.run(signing: signing) { server in
      let secret = signing.secret(of: server.key.accessKeyID)
      let body = Array(#"{"a":[1,2,3]}"#.utf8)
      func send(_ headers: [String: String], _ body: [UInt8]) async throws -> TestServer.Answer {
        try await server.send("POST", "/v1/echo", key: .some(nil), headers: headers, body: body)
      }
      let right = Self.headers(server, "/v1/echo", body: body, secret: secret)
      let answer = try await send(right, body)
      #expect(answer.status == 200)
      #expect(answer.text == #"{"a":[1,2,3]}"#)
      #expect(try await send(right, Array(#"{"a":[1,2,4]}"#.utf8)).status == 401)
      let wrong = Self.headers(server, "/v1/echo", body: body, secret: secret + "x")
      #expect(try await send(wrong, body).json?["error"]?["code"]?.string == "InvalidSignatureException")
      let old = Self.headers(server, "/v1/echo", body: body, secret: secret, at: .now - 3600)
      #expect(try await send(old, body).status == 401)
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `a worker's own key may ask models, as its project, and no more`() async throws {
    let keys = InternalKeys(master: Array(repeating: 7, count: 32))
    try await TestServer.run(internalKeys: keys) { server in
      let key = keys.key(for: server.project.id)
      let me = try await server.send("GET", "/v1/me", key: key)
      #expect(me.json?["project"]?.string == server.project.id)
      #expect(try await server.send("POST", "/v1/echo", key: key, body: Array("{}".utf8)).status == 403)
      #expect(try await server.send("GET", "/v1/me", key: key + "0").status == 401)
      #expect(try await server.send("GET", "/v1/me", key: keys.key(for: "proj_other")).status == 403)
    }
  }
}
