import Foundation
import Gateway
import Hummingbird
import Testing

/// Clients that mean ill or are broken: no 5xx, no crash, no hang, and the next client is served.
struct AbuseTests {
  /// Small limits, so that they can be reached, and all the time in the world: on a busy machine a test or a handler may
  /// stand still for longer than any client should.
  static var limits: GatewayLimits {
    var limits = GatewayLimits.patient
    limits.headerBytes = 8 << 10
    limits.urlBytes = 2 << 10
    limits.bodyBytes = 1 << 20
    return limits
  }

  /// Sends a text and gives the status line of what comes back; "" for a connection that was only closed.
  static func status(_ text: String, to server: TestServer, finish: Bool = false) async throws -> String {
    let connection = RawConnection(port: server.port)
    await connection.send(text)
    if finish { await connection.finish() }
    let answer = await connection.receive()
    return String(answer.prefix { $0 != "\r\n" })
  }

  static func expect(_ text: String, _ line: String, from server: TestServer, finish: Bool = false)
    async throws
  {
    let status = try await status(text, to: server, finish: finish)
    #expect(status == line)
  }

  static func expectServing(_ server: TestServer) async throws {
    let status = try await server.send("GET", "/v1/me").status
    #expect(status == 200)
  }

  static func post(_ path: String, _ server: TestServer, _ headers: String = "") -> String {
    "POST \(path) HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.secret)\r\n\(headers)\r\n"
  }

  @Test(.timeLimit(.minutes(30)))
  func `headers that do not end are given up`() async throws {
    var limits = Self.limits
    limits.headerSeconds = 2
    try await TestServer.run(limits: limits) { server in
      try await Self.expect("GET /v1/me HTTP/1.1\r\nHost: x\r\nA: ", "", from: server)
      try await Self.expect("", "", from: server)
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `bodies that do not end are given up`() async throws {
    var limits = Self.limits
    limits.bodySeconds = 2
    try await TestServer.run(limits: limits) { server in
      let stalled = Self.post("/v1/echo", server, "Content-Length: 100\r\n") + "{"
      try await Self.expect(stalled, "HTTP/1.1 408 Request Timeout", from: server)
      let chunked = Self.post("/v1/echo", server, "Transfer-Encoding: chunked\r\n") + "1\r\n{\r\n"
      try await Self.expect(chunked, "HTTP/1.1 408 Request Timeout", from: server)
      try await Self.expectServing(server)
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `a body that trickles is given up though it never stands still`() async throws {
    var limits = Self.limits
    limits.bodySeconds = 2
    try await TestServer.run(limits: limits) { server in
      let connection = RawConnection(port: server.port)
      await connection.send(Self.post("/v1/echo", server, "Content-Length: 100000\r\n"))
      let sender = Task {
        // What is sent to a closed connection resets it, and the answer is lost with whatever was not read yet.
        while !connection.hasAnswer, await connection.send(" ") {
          try await Task.sleep(for: .milliseconds(200))
        }
      }
      let answer = await connection.receive()
      sender.cancel()
      #expect(answer.hasPrefix("HTTP/1.1 408"))
      #expect(answer.lowercased().contains("connection: close"))
      try await Self.expectServing(server)
    }
  }

  /// A stream without end, which tells when it could no longer be written.
  @Test(.timeLimit(.minutes(30)))
  func `an answer that nobody reads ends with its connection`() async throws {
    var limits = Self.limits
    limits.answerSeconds = 1
    let (ends, ended) = AsyncStream.makeStream(of: Void.self)
    let routes: (Router<APIContext>, String) -> Void = { router, _ in
      router.get("/v1/flood") { _, _ -> Response in
        Response(
          status: .ok,
          body: .init { writer in
            defer { ended.yield() }
            let chunk = ByteBuffer(repeating: 65, count: 1 << 16)
            while true { try await writer.write(chunk) }
          })
      }
    }
    try await TestServer.run(limits: limits, routes: routes) { server in
      let connection = RawConnection(port: server.port)
      await connection.send(
        "GET /v1/flood HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.secret)\r\n\r\n")
      for await _ in ends { break }
      try await Self.expectServing(server)
      withExtendedLifetime(connection) {}
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `a body without end is answered and cut, read or not`() async throws {
    try await TestServer.run(limits: Self.limits) { server in
      for path in ["/v1/echo", "/v1/nothing"] {
        let connection = RawConnection(port: server.port)
        await connection.send(Self.post(path, server, "Transfer-Encoding: chunked\r\n"))
        let chunk = "10000\r\n" + String(repeating: " ", count: 65536) + "\r\n"
        var sent = 0
        while sent < 4000, await connection.send(chunk) { sent += 1 }
        #expect(sent < 4000)
      }
      try await Self.expectServing(server)
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `lengths that are too large are refused before the body is sent`() async throws {
    try await TestServer.run(limits: Self.limits) { server in
      let large = Self.post("/v1/echo", server, "Content-Length: 2000000\r\n")
      try await Self.expect(large, "HTTP/1.1 413 Payload Too Large", from: server)
      let huge = Self.post("/v1/echo", server, "Content-Length: 99999999999999999999999\r\n")
      #expect(try await Self.status(huge, to: server).contains(" 400 "))
      let both = Self.post("/v1/echo", server, "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n") + "{}"
      #expect(!(try await Self.status(both, to: server, finish: true)).contains(" 5"))
      try await Self.expectServing(server)
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `giant headers, many headers and long URLs are refused`() async throws {
    try await TestServer.run(limits: Self.limits) { server in
      let long = String(repeating: "a", count: 100_000)
      for request in [
        "GET /v1/me HTTP/1.1\r\nHost: x\r\nX: \(long)\r\n\r\n",
        "GET /v1/me HTTP/1.1\r\nHost: x\r\n" + String(repeating: "X: a\r\n", count: 2000) + "\r\n",
        "GET /\(long) HTTP/1.1\r\nHost: x\r\n\r\n",
        "GET /v1/me?\(long.prefix(3000)) HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      ] {
        // Where the rest of it was still on its way the system may throw the answer away with the connection.
        let status = try await Self.status(request, to: server)
        #expect(status == "" || status.contains(" 400 "), "\(status)")
      }
      try await Self.expectServing(server)
    }
  }

  @Test(
    .timeLimit(.minutes(30)),
    arguments: [
      "\0\0\0\0\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "GET\r\n\r\n", "FOO /v1/me HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /v1/me HTTP/1.1\r\nHost : x\r\n\r\n", "GET http://[::1 HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /v1/%zz HTTP/1.1\r\nHost: x\r\n\r\n", "GET /../../etc/passwd HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /v1/..%2f..%2fetc%2fpasswd HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET //v1//me// HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET * HTTP/1.1\r\nHost: x\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n",
      "CONNECT example.com:443 HTTP/1.1\r\nHost: x\r\n\r\n", "TRACE /v1/me HTTP/1.1\r\nHost: x\r\n\r\n",
      "GET /v1/\u{FF}\u{FE} HTTP/1.1\r\nHost: x\r\n\r\n", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
      "\u{16}\u{3}\u{1}\u{2}\u{0}\u{1}\u{0}", "GET /v1/me?%=&&==%zz HTTP/1.1\r\nHost: x\r\n\r\n",
      "POST /v1/echo HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
      "POST /v1/echo HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    ])
  func `nonsense is closed upon or answered with a 4xx`(_ text: String) async throws {
    try await TestServer.run(limits: Self.limits) { server in
      let status = try await Self.status(text, to: server, finish: true)
      #expect(status == "" || status.hasPrefix("HTTP/1.1 4"), "\(status)")
      try await Self.expectServing(server)
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `half a connection is enough for an answer, half a request is not`() async throws {
    try await TestServer.run(limits: Self.limits) { server in
      let whole = "GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.secret)\r\n\r\n"
      try await Self.expect(whole, "HTTP/1.1 200 OK", from: server, finish: true)
      let half = Self.post("/v1/echo", server, "Content-Length: 100\r\n") + "{\"a\":"
      #expect(try await Self.status(half, to: server, finish: true).hasPrefix("HTTP/1.1 400"))
      try await Self.expectServing(server)
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `a connection serves many requests, pipelined ones too`() async throws {
    try await TestServer.run { server in
      let connection = RawConnection(port: server.port)
      let get = "GET /v1/me HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer \(server.secret)\r\n\r\n"
      let post = Self.post("/v1/echo", server, "Content-Length: 7\r\n") + "{\"a\":1}"
      await connection.send(get + post + get + post)
      let answer = await connection.receive {
        $0.components(separatedBy: "HTTP/1.1 200 OK").count == 5 && $0.hasSuffix("}")
      }
      #expect(answer.components(separatedBy: "HTTP/1.1 200 OK").count == 5)
      #expect(!answer.lowercased().contains("connection: close"))
    }
  }

  @Test(
    .timeLimit(.minutes(30)),
    arguments: [
      "HTTP/1.1\r\nConnection: close", "HTTP/1.1\r\nConnection: Close",
      "HTTP/1.1\r\nConnection: keep-alive, close", "HTTP/1.0", "HTTP/1.0\r\nConnection: keep-alive",
    ])
  func `a connection ends with the answer where the client says so`(_ wish: String) async throws {
    try await TestServer.run { server in
      let connection = RawConnection(port: server.port)
      await connection.send("GET /v1/me \(wish)\r\nHost: x\r\nAuthorization: Bearer \(server.secret)\r\n\r\n")
      let answer = await connection.receive()
      #expect(answer.hasPrefix("HTTP/1.1 200 OK"))
      #expect(answer.lowercased().contains("connection: close"))
      #expect(answer.hasSuffix("}"))
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `whoever waits to be told to go on is told`() async throws {
    try await TestServer.run { server in
      let connection = RawConnection(port: server.port)
      await connection.send(Self.post("/v1/echo", server, "Content-Length: 2\r\nExpect: 100-continue\r\n"))
      #expect(await connection.receive { $0.hasSuffix("\r\n\r\n") }.hasPrefix("HTTP/1.1 100 Continue"))
      await connection.send("{}")
      #expect(await connection.receive { $0.hasSuffix("{}") }.hasPrefix("HTTP/1.1 200 OK"))
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `bodies that are packed, deep or doubled are answered with a 4xx`() async throws {
    try await TestServer.run(limits: Self.limits) { server in
      let packed = try await server.send(
        "POST", "/v1/echo", headers: ["content-encoding": "gzip"], body: [31, 139, 8])
      #expect(packed.status == 415)
      for body in [
        String(repeating: "[", count: 100_000), "{\"a\":" + String(repeating: "{\"a\":", count: 50_000),
        "{\"a\":1,\"a\":2", "[]", "null", "", "{\"a\":\"\u{FFFD}", "{\"a\":1e999999999}",
        "{\"a\":\"\\ud800\"}",
        String(repeating: "{\"a\":[", count: 600) + String(repeating: "]}", count: 600),
      ] {
        let answer = try await server.send("POST", "/v1/echo", body: Array(body.utf8))
        #expect(answer.status == 400 || answer.status == 200, "\(body.prefix(40)) \(answer.status)")
      }
      let long = "{\"a\":\"" + String(repeating: "x", count: 1 << 20) + "\"}"
      #expect(try await server.send("POST", "/v1/echo", body: Array(long.utf8)).status == 413)
      try await Self.expectServing(server)
    }
  }
}
