import Foundation
import Gateway
import Hummingbird
import Records
import Store
import Testing

/// The whole way through, over the network.
struct GatewayTests {
  @Test func `every answer has an id and errors are in the words of the API`() async throws {
    try await TestServer.run { server in
      let me = try await server.send("GET", "/v1/me")
      #expect(me.status == 200)
      #expect(me.headers["x-request-id"]?.hasPrefix("req_") == true)
      let unknown = try await server.send("GET", "/v1/nothing")
      #expect(unknown.status == 404)
      #expect(unknown.json?["error"]?["type"]?.string == "invalid_request_error")
      #expect(unknown.headers["x-request-id"]?.hasPrefix("req_") == true)
      let aws = try await server.send("GET", "/model/m/x")
      #expect(aws.status == 404)
      #expect(aws.headers["x-amzn-errortype"] == "ResourceNotFoundException")
      #expect(aws.headers["x-amzn-requestid"] == aws.headers["x-request-id"])
      let wrong = try await server.send("DELETE", "/v1/me")
      #expect(wrong.status == 405)
      #expect(wrong.headers["allow"] == "GET, HEAD")
      #expect(wrong.json?["error"]?["message"]?.string?.contains("GET, HEAD") == true)
      let crash = try await server.send("POST", "/v1/crash")
      #expect(crash.status == 500)
      #expect(crash.json?["error"]?["type"]?.string == "server_error")
      #expect(!crash.text.contains("Unforeseen"))
    }
  }

  @Test func `a key comes as a bearer token or in one of two headers`() async throws {
    try await TestServer.run { server in
      for header in ["api-key", "x-api-key"] {
        let answer = try await server.send("GET", "/v1/me", key: .some(nil), headers: [header: server.secret])
        #expect(answer.status == 200)
      }
      let none = try await server.send("GET", "/v1/me", key: .some(nil))
      #expect(none.status == 401)
      #expect(none.json?["error"]?["code"]?.string == "invalid_api_key")
      #expect(try await server.send("GET", "/v1/me", key: "sk-operant-wrong").status == 401)
      let basic = try await server.send(
        "GET", "/v1/me", key: .some(nil), headers: ["authorization": "Basic eDp5"])
      #expect(basic.status == 401)
      #expect(try await server.send("GET", "/v1/nothing", key: .some(nil)).status == 401)
      #expect(try await server.send("GET", "/healthz", key: .some(nil)).status == 200)
      #expect(try await server.send("GET", "/healthz", key: "sk-operant-wrong").status == 200)
    }
  }

  @Test func `a key does no more than its scopes, and nothing once it was revoked`() async throws {
    try await TestServer.run(scopes: [.read]) { server in
      #expect(try await server.send("GET", "/v1/me").status == 200)
      let write = try await server.send("POST", "/v1/echo", body: Array("{}".utf8))
      #expect(write.status == 403)
      #expect(write.json?["error"]?["type"]?.string == "permission_error")
      let entry = AuditEntry(
        projectID: server.project.id, keyID: nil, requestID: nil, action: "key.revoke", subject: server.key.id
      )
      let revoked = try await server.store.revokeKey(server.key.id, audit: entry)
      #expect(revoked?.revokedAt != nil)
      server.authenticator.forget()
      let after = try await server.send("GET", "/v1/me")
      #expect(after.status == 401)
      #expect(after.text.contains("revoked"))
      #expect(try await server.store.audit(projectID: nil, limit: 5).map(\.action) == ["key.revoke"])
    }
  }

  @Test func `use is written down and an archived project is shut`() async throws {
    try await TestServer.run { server in
      _ = try await server.send("GET", "/v1/me")
      #expect(try await server.store.key(server.key.id)?.lastUsedAt == nil)
      try await server.authenticator.flushUse()
      #expect(try await server.store.key(server.key.id)?.lastUsedAt != nil)
      var project = try #require(try await server.store.project(server.project.id))
      project.archivedAt = .now
      try await server.store.update(project)
      server.authenticator.forget()
      #expect(try await server.send("GET", "/v1/me").status == 403)
    }
  }

  @Test func `without keys everybody is the default project, but not every page`() async throws {
    try await TestServer.run(isOpen: true) { server in
      let answer = try await server.send("GET", "/v1/me", key: .some(nil))
      #expect(answer.json?["project"]?.string == server.project.id)
      let page = try await server.send(
        "POST", "/v1/echo", key: .some(nil), headers: ["origin": "https://example.com"],
        body: Array("{}".utf8))
      #expect(page.status == 403)
    }
  }

  @Test(arguments: [
    ("127.0.0.1:8080", 200), ("localhost", 200), ("LOCALHOST.:8080", 200), ("[::1]:8080", 200),
    ("192.168.0.7", 200), ("operant:8080", 200), ("example.com", 403), ("localhost.example.com:8080", 403),
    ("127.0.0.1.example.com", 403), ("[example.com]", 403),
  ])
  func `without keys the service is asked by its own names alone`(_ host: String, _ status: Int) async throws
  {
    try await TestServer.run(isOpen: true, hosts: OwnHosts(["Operant"])) { server in
      let connection = RawConnection(port: server.port)
      await connection.send("GET /v1/me HTTP/1.1\r\nHost: \(host)\r\nConnection: close\r\n\r\n")
      let answer = await connection.receive()
      #expect(answer.hasPrefix("HTTP/1.1 \(status) "))
      #expect(answer.contains("listen.names") == (status == 403))
    }
  }

  @Test func `a key's requests are counted, told, and stopped`() async throws {
    try await TestServer.run(perMinute: 1) { server in
      let answer = try await server.send("GET", "/v1/me")
      #expect(answer.status == 200)
      #expect(answer.headers["x-ratelimit-limit-requests"] == "1")
      #expect(answer.headers["x-ratelimit-remaining-requests"] == "0")
      let stopped = try await server.send("GET", "/v1/me")
      #expect(stopped.status == 429)
      #expect(Int(stopped.headers["retry-after"] ?? "").map { (1...60).contains($0) } == true)
      #expect(stopped.json?["error"]?["code"]?.string == "rate_limit_exceeded")
    }
  }

  @Test func `a bucket holds a minute's requests and fills evenly`() {
    let limiter = RateLimiter()
    let start = ContinuousClock.now
    for left in [2, 1, 0] {
      let verdict = limiter.take("a", perMinute: 3, at: start)
      #expect(verdict.remaining == left)
      #expect(verdict.retryAfter == nil)
    }
    #expect(limiter.take("a", perMinute: 3, at: start).retryAfter == 20)
    #expect(limiter.take("b", perMinute: 3, at: start).retryAfter == nil)
    #expect(limiter.take("a", perMinute: 3, at: start + .seconds(15)).retryAfter == 5)
    #expect(limiter.take("a", perMinute: 3, at: start + .seconds(21)).retryAfter == nil)
    #expect(limiter.take("a", perMinute: 3, at: start + .seconds(21)).retryAfter != nil)
  }

  @Test func `HEAD is GET without a body, and OPTIONS tells what is possible`() async throws {
    try await TestServer.run { server in
      let head = try await server.send("HEAD", "/v1/me")
      #expect(head.status == 200)
      #expect(head.text.isEmpty)
      #expect((Int(head.headers["content-length"] ?? "") ?? 0) > 10)
      let options = try await server.send("OPTIONS", "/v1/echo")
      #expect(options.status == 204)
      #expect(options.headers["allow"] == "OPTIONS, POST")
      #expect(options.headers["access-control-allow-origin"] == nil)
    }
  }

  @Test func `requests are counted by route, not by what clients put into it`() async throws {
    try await TestServer.run { server in
      _ = try await server.send("GET", "/model/one/x")
      _ = try await server.send("GET", "/model/two/x")
      _ = try await server.send("GET", "/v1/stream")
      // A stream is counted when it has ended, a moment after the client saw its end.
      var text = ""
      let last = #"operant:http_request_duration_seconds_count{method="GET",route="/v1/stream"} 1"#
      for _ in 0..<3000 where !text.contains(last) {
        text = await server.metrics.text()
        try await Task.sleep(for: .milliseconds(10))
      }
      #expect(text.contains(last))
      #expect(
        text.contains(#"operant:http_requests_total{method="GET",route="/model/{id}/x",status="404"} 2"#))
    }
  }
}
