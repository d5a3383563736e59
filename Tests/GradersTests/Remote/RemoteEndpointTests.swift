import Foundation
import Records
import Testing

@testable import Graders

/// The layer over URLSession: every way in which a call can end, typed and in time. Upper bounds of times are wide, as
/// machines that run tests are busy; what they tell apart is a deadline from none.
@Suite(.serialized) struct RemoteEndpointTests {
  static func endpoint(
    _ address: String, timeout: Double = 30, deadline: Double = 60, retries: Int = 0, rate: Double? = nil,
    concurrency: Int = 8, byteLimit: Int = 100_000, secret: [String: String] = [:], patience: Double = 0
  ) throws -> RemoteEndpoint {
    var limits = CallLimits(timeout: timeout, deadline: deadline, retries: retries, concurrency: concurrency)
    limits.patience = patience
    limits.traffic.requestsPerSecond = rate
    return RemoteEndpoint(
      try #require(URL(string: address)), secretHeaders: secret, limits: limits, byteLimit: byteLimit)
  }

  /// What came of a call, and after how many seconds.
  static func post(_ endpoint: RemoteEndpoint, _ body: String = "{}") async -> (
    result: Result<JSONValue, HTTPFailure>, seconds: Double
  ) {
    let start = ContinuousClock.now
    do throws(HTTPFailure) {
      let json = try await endpoint.post(Array(body.utf8)) { reply throws(HTTPFailure) in
        try JSONValue(reply: reply.body)
      }
      return (.success(json), start.duration(to: .now).seconds)
    } catch {
      return (.failure(error), start.duration(to: .now).seconds)
    }
  }

  @Test func `a body arrives whole, both ways`() async throws {
    try await withServer {
      .json(["length": .integer($0.body.utf8.count), "path": .string($0.path)])
    } _: {
      server in
      let endpoint = try Self.endpoint(server.url + "/a/b%3Ac?x=1")
      for length in [2, 100, 5_000, 3_000_000] {
        let (result, _) = await Self.post(endpoint, String(repeating: "x", count: length))
        #expect(result == .success(["length": .integer(length), "path": "/a/b%3Ac?x=1"]))
      }
      #expect(server.requests[0].headers["content-type"] == "application/json")
      // A server that does not know "Expect: 100-continue" would cost a second a request.
      #expect(server.requests.allSatisfy { $0.headers["expect"] == nil })
    }
  }

  @Test(arguments: [
    (TestServer.Behaviour.hangUp, GradeFailure.Cause.unreachable),
    (.cutOff(#"{"score": 1}"#, after: 5), .unreachable),
    (.silence, .timeOut),
    (.drip, .timeOut),
    (.slowly(30, "{}"), .timeOut),
    (.flood, .outputLimit),
    (.answer("not JSON"), .malformed),
    (.answer(""), .malformed),
    (.answer(#"{"score": 1"#), .malformed),
    (.answer(status: 500, "oops"), .httpStatus),
    (.answer(status: 404, ""), .httpStatus),
    (.answer(status: 302, headers: ["Location": "http://127.0.0.1:9/"], ""), .httpStatus),
  ])
  func `each way to fail has its name, in time`(
    behaviour: TestServer.Behaviour, cause: GradeFailure.Cause
  ) async throws {
    try await withServer { _ in
      behaviour
    } _: { server in
      let timeout = cause == .timeOut ? 0.4 : 30
      let (result, seconds) = await Self.post(try Self.endpoint(server.url, timeout: timeout))
      #expect(result.failure?.cause == cause, "\(result)")
      #expect(seconds < 600)
      #expect(server.requests.count == 1)
    }
  }

  @Test func `bytes that are not HTTP, and a port where nobody listens, are failures`() async throws {
    try await withServer { _ in
      .garbage
    } _: { server in
      let (result, _) = await Self.post(try Self.endpoint(server.url, timeout: 20))
      #expect([.malformed, .unreachable].contains(result.failure?.cause), "\(result)")
    }
    let (result, _) = await Self.post(try Self.endpoint("http://127.0.0.1:1/", timeout: 20))
    #expect(result.failure?.cause == .unreachable)
    #expect(result.failure?.clause == "cannot be reached: the connection was refused")
  }

  @Test(arguments: [
    TestServer.Behaviour.answer(status: 500, "oops"), .answer(status: 408, ""), .answer(status: 429, ""),
    .answer(status: 503, "busy"), .hangUp, .cutOff(#"{"ok": true}"#, after: 4), .answer(#"{"ok": tr"#),
    .silence,
  ])
  func `what may pass is tried again`(behaviour: TestServer.Behaviour) async throws {
    try await withServer {
      $0.number < 2 ? behaviour : .json(["ok": true])
    } _: { server in
      // Silence ends by the time-out alone; the answers that follow must not.
      let timeout = if case .silence = behaviour { 3.0 } else { 30.0 }
      let (result, seconds) = await Self.post(try Self.endpoint(server.url, timeout: timeout, retries: 2))
      #expect(result == .success(["ok": true]))
      #expect(server.requests.count == 3)
      // Two waits of 0.25 to 0.5 s and 0.5 to 1 s.
      #expect(seconds > 0.7)
    }
  }

  @Test(arguments: [400, 401, 403, 404, 409, 413, 422])
  func `what will not pass is not tried again`(status: Int) async throws {
    try await withServer { _ in
      .answer(status: status, "no")
    } _: { server in
      let (result, _) = await Self.post(try Self.endpoint(server.url, retries: 3))
      #expect(result.failure == .status(status, bodyTail: "no"))
      #expect(server.requests.count == 1)
    }
  }

  @Test func `x-should-retry overrules the status`() async throws {
    try await withServer { _ in
      .answer(status: 500, headers: ["X-Should-Retry": "false"], "no")
    } _: { server in
      _ = await Self.post(try Self.endpoint(server.url, retries: 3))
      #expect(server.requests.count == 1)
    }
    try await withServer {
      $0.number == 0 ? .answer(status: 409, headers: ["x-should-retry": "true"], "") : .json([:])
    } _: { server in
      let endpoint = try Self.endpoint(server.url, retries: 3)
      #expect(await Self.post(endpoint).result == .success([:]))
    }
  }

  @Test func `the wait that a server asks for is kept, and by everybody`() async throws {
    try await withServer {
      $0.number == 0 ? .answer(status: 429, headers: ["Retry-After-Ms": "2000"], "slow down") : .json([:])
    } _: { server in
      let endpoint = try Self.endpoint(server.url, retries: 1)
      async let first = Self.post(endpoint)
      while server.requests.isEmpty { try await Task.sleep(for: .milliseconds(20)) }
      try await Task.sleep(for: .milliseconds(400))
      async let second = Self.post(endpoint)
      let answers = await [first, second]
      #expect(answers.allSatisfy { $0.result == .success([:]) })
      let start = server.times[0]
      for time in server.times.dropFirst() { #expect(start.duration(to: time).seconds > 1.9) }
    }
  }

  @Test func `a wait beyond the deadline fails at once and says so`() async throws {
    try await withServer { _ in
      .answer(status: 429, headers: ["Retry-After": "3600"], "")
    } _: { server in
      let (result, seconds) = await Self.post(try Self.endpoint(server.url, retries: 3))
      guard case .toldToWait(3600, _, 429) = result.failure else {
        Issue.record("\(result)")
        return
      }
      #expect(seconds < 600)
      #expect(server.requests.count == 1)
    }
  }

  @Test func `the deadline holds for all tries together`() async throws {
    try await withServer { _ in
      .silence
    } _: { server in
      let (result, seconds) = await Self.post(
        try Self.endpoint(server.url, timeout: 0.4, deadline: 3, retries: 20))
      #expect(result.failure?.cause == .timeOut)
      #expect(seconds < 600)
      #expect(server.requests.count >= 1)
    }
  }

  @Test func `no more calls are under way than allowed, and none is forgotten`() async throws {
    try await withServer { _ in
      .slowly(0.02, "{}")
    } _: { server in
      let endpoint = try Self.endpoint(server.url, concurrency: 3)
      await withTaskGroup(of: Bool.self) { tasks in
        for _ in 0..<60 { tasks.addTask { await Self.post(endpoint).result == .success([:]) } }
        for await isFine in tasks { #expect(isFine) }
      }
      #expect(server.mostUnderWay <= 3)
      #expect(server.requests.count == 60)
    }
  }

  @Test func `calls keep the rate, over all graders with the same limits`() async throws {
    try await withServer { _ in
      .json([:])
    } _: { server in
      let endpoints = [
        try Self.endpoint(server.url, rate: 20), try Self.endpoint(server.url, rate: 20),
      ]
      await withTaskGroup(of: Void.self) { tasks in
        for index in 0..<10 { tasks.addTask { _ = await Self.post(endpoints[index % 2]) } }
      }
      let first = try #require(server.times.min())
      let last = try #require(server.times.max())
      #expect(first.duration(to: last).seconds > 0.3)
    }
  }

  @Test func `a server that is started anew is waited for, and no try is counted`() async throws {
    let leaving = TestServer.Behaviour.answer(status: 503, headers: ["Connection": "close"], "stopping")
    try await withServer {
      $0.number < 3 ? leaving : .json([:])
    } _: { server in
      let patient = try Self.endpoint(server.url, deadline: 30, retries: 0, patience: 3600)
      #expect(await Self.post(patient).result == .success([:]))
      #expect(server.requests.count == 4)
    }
    try await withServer { _ in
      leaving
    } _: { server in
      // Without patience it is a failure like others, as is one of a server that stays.
      let hasty = try Self.endpoint(server.url)
      #expect(await Self.post(hasty).result.failure == .status(503, bodyTail: "stopping"))
      #expect(server.requests.count == 1)
    }
    try await withServer { _ in
      .answer(status: 503, "no model")
    } _: { server in
      let patient = try Self.endpoint(server.url, patience: 3600)
      #expect(await Self.post(patient).result.failure == .status(503, bodyTail: "no model"))
    }
  }

  @Test func `a server that nobody has started yet is waited for`() async throws {
    let gone = TestServer { _ in .json([:]) }
    gone.stop()
    let patient = try Self.endpoint(gone.url, patience: 3600)
    let call = Task { await Self.post(patient) }
    #expect(try await Self.post(Self.endpoint(gone.url)).result.failure == .refused)
    let server = TestServer(port: gone.port) { _ in .json([:]) }
    defer { server.stop() }
    #expect(await call.value.result == .success([:]))
  }

  @Test func `whoever is cancelled waits no longer, before its turn or in its call`() async throws {
    try await withServer { _ in
      .silence
    } _: { server in
      let endpoint = try Self.endpoint(server.url, concurrency: 1)
      let calls = (0..<3).map { _ in Task { await Self.post(endpoint) } }
      try await Task.sleep(for: .milliseconds(200))
      for call in calls { call.cancel() }
      for call in calls {
        let (result, seconds) = await call.value
        #expect(result.failure == .cancelled)
        #expect(seconds < 600)
      }
    }
    // The place is free again.
    try await withServer { _ in
      .json([:])
    } _: { server in
      let endpoint = try Self.endpoint(server.url, concurrency: 1)
      let call = Task { await Self.post(endpoint) }
      call.cancel()
      _ = await call.value
      #expect(await Self.post(endpoint).result == .success([:]))
    }
  }

  @Test func `a key is in no message, even where the server repeats it`() async throws {
    let key = "sk-very-secret-0123456789"
    try await withServer { request in
      .answer(
        status: 401, #"{"error": "wrong key: \#(request.headers["authorization"] ?? "none")"}"#)
    } _: { server in
      let endpoint = try Self.endpoint(
        server.url + "/v1?code=\(key)", secret: ["authorization": "Bearer \(key)"])
      let failure = await Self.post(endpoint).result.failure
      let text = try #require(failure).gradeFailure(.other, of: "the judge at \(endpoint.shown)").description
      #expect(server.requests[0].headers["authorization"] == "Bearer \(key)")
      #expect(!text.contains(key) && text.contains("[key]"), "\(text)")
    }
  }

  @Test func `a redirect is not followed, so that the key stays`() async throws {
    try await withServer { _ in
      .json([:])
    } _: { other in
      let place = other.url
      try await withServer { _ in
        .answer(status: 307, headers: ["Location": place], "")
      } _: { server in
        let (result, _) = await Self.post(
          try Self.endpoint(server.url, retries: 2, secret: ["authorization": "Bearer sk-1234567"]))
        #expect(result.failure?.clause.contains("which is not followed") == true)
      }
      #expect(other.requests.isEmpty)
    }
  }

  @Test func `the waits double, have jitter and are the same for the same seed`() {
    for retry in 1...40 {
      let whole = min(0.5 * pow(2, Double(retry - 1)), 30)
      var waits: Set<Double> = []
      for seed in UInt64(0)..<50 {
        let wait = RetryPolicy.delay(before: retry, seed: seed)
        #expect(wait >= whole / 2 && wait <= whole)
        #expect(wait == RetryPolicy.delay(before: retry, seed: seed))
        waits.insert(wait)
      }
      #expect(waits.count > 45)
    }
  }

  @Test func `the wish of a server is read in all its spellings`() {
    let now = Date(timeIntervalSince1970: 784_111_777 - 30)
    let table: [([String: String], Double?)] = [
      ([:], nil), (["retry-after": "2"], 2), (["retry-after": "0.5"], 0.5), (["retry-after": "-1"], 0),
      (["retry-after-ms": "250", "retry-after": "9"], 0.25), (["retry-after": "soon"], nil),
      (["retry-after": "nan"], nil), (["retry-after": "Sun, 06 Nov 1994 08:49:37 GMT"], 30),
      (["retry-after": "Sun, 06 Nov 1994 08:40:00 GMT"], 0),
    ]
    for (headers, expected) in table {
      #expect(RetryPolicy.wish(in: headers, now: now) == expected, "\(headers)")
    }
  }
}
