import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import Logging
import Records
import Service
import ServiceLifecycle
import Store
import Synchronization
import Testing

/// Health, readiness, figures, log, and an orderly end.
struct OperationTests {
  @Test(.timeLimit(.minutes(30)))
  func `a service says whether it lives and whether it can work`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await TestService.run(TestService.settings(folder)) { service in
      #expect(try await service.send("GET", "/healthz").status == 200)
      let ready = try await service.send("GET", "/readyz")
      #expect(ready.status == 200)
      #expect(ready.json?["checks"]?["store"]?.string == "ok")
      service.ground.state.drain()
      let draining = try await service.send("GET", "/readyz")
      #expect(draining.status == 503)
      #expect(draining.json?["checks"]?["serving"]?.string == "the service is being stopped")
      #expect(try await service.send("GET", "/healthz").status == 200)
      let refused = try await service.send(
        "GET", "/v1/organization/projects", key: service.ground.firstKey?.secret)
      #expect(refused.status == 503)
      #expect(refused.headers["retry-after"] == "5")
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `a service without a worker is not ready`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await TestService.run(TestService.settings(folder), hasWorker: false) { service in
      let ready = try await service.send("GET", "/readyz")
      #expect(ready.status == 503)
      #expect(ready.json?["checks"]?["worker"]?.string == "there is no worker")
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `figures are for this machine, and for administrators through a proxy`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await TestService.run(TestService.settings(folder)) { service in
      let here = try await service.send("GET", "/metrics")
      #expect(here.status == 200)
      #expect(here.text.contains(#"operant:jobs{status="queued"} 0"#))
      let proxied = ["x-forwarded-for": "203.0.113.7"]
      #expect(try await service.send("GET", "/metrics", headers: proxied).status == 401)
      let admin = service.ground.firstKey?.secret
      #expect(try await service.send("GET", "/metrics", key: admin, headers: proxied).status == 200)
    }
  }

  /// A stream's end, as a test wants it and as it came.
  final class Box: Sendable {
    let mayEnd = Mutex(false)
    let outcome = Mutex("")
  }

  /// A stream that goes on until it is told to end, or cut.
  static func parts(_ box: Box) -> ServiceParts {
    ServiceParts { router in
      router.get("/v1/stream") { _, _ in
        Response(
          status: .ok,
          body: .init { writer in
            do {
              while !box.mayEnd.withLock({ $0 }) {
                try await writer.write(ByteBuffer(string: "x"))
                try await Task.sleep(for: .milliseconds(20))
              }
              try await writer.finish(nil)
              box.outcome.withLock { $0 = "whole" }
            } catch {
              box.outcome.withLock { $0 = "cut" }
              throw error
            }
          })
      }
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `a stream under way may end, while new work is turned away`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let box = Box()
    try await TestService.run(TestService.settings(folder), parts: Self.parts(box)) { service in
      let key = service.ground.firstKey?.secret
      async let answer = service.send("GET", "/v1/stream", key: key)
      while service.ground.state.underWay == 0 { try await Task.sleep(for: .milliseconds(10)) }
      await service.group.triggerGracefulShutdown()
      while !service.ground.state.isDraining { try await Task.sleep(for: .milliseconds(10)) }
      #expect(try await service.send("GET", "/readyz").status == 503)
      #expect(try await service.send("GET", "/v1/stream", key: key).status == 503)
      box.mayEnd.withLock { $0 = true }
      #expect(try await answer.status == 200)
      // The answer's last byte comes before the writer knows that it has left.
      while box.outcome.withLock({ $0.isEmpty }) { try await Task.sleep(for: .milliseconds(10)) }
      #expect(box.outcome.withLock { $0 } == "whole")
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `a stream that does not end is cut at the deadline`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let box = Box()
    var settings = TestService.settings(folder)
    settings.timeouts.drain = 1
    try await TestService.run(settings, parts: Self.parts(box)) { service in
      let key = service.ground.firstKey?.secret
      let answer = Task { try? await service.send("GET", "/v1/stream", key: key) }
      while service.ground.state.underWay == 0 { try await Task.sleep(for: .milliseconds(10)) }
      await service.group.triggerGracefulShutdown()
      _ = await answer.value
    }
    #expect(box.outcome.withLock { $0 } == "cut")
  }

  @Test(.timeLimit(.minutes(30)))
  func `a handler that hears of nothing does not keep the service from its end`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let parts = ServiceParts { router in
      router.get("/v1/deaf") { _, _ in
        try await Task.sleep(for: .seconds(100_000))
        return Response(status: .ok)
      }
    }
    var settings = TestService.settings(folder)
    settings.timeouts.drain = 0
    do {
      try await TestService.run(settings, parts: parts) { service in
        let key = service.ground.firstKey?.secret
        Task { try? await service.send("GET", "/v1/deaf", key: key) }
        while service.ground.state.underWay == 0 { try await Task.sleep(for: .milliseconds(10)) }
      }
    } catch is CancellationError {
      // What was cancelled may say so.
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `workers find the service where the one before it was`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    var settings = TestService.settings(folder)
    // Not where workers look: they have an address of their own.
    settings.listen.host = "127.0.0.2"
    let addresses = Mutex<[String]>([])
    func start() async throws {
      try await TestService.run(settings) { service in
        #expect(await service.ground.ownAddress.isKnown(within: .seconds(600)))
        let url = service.ground.ownAddress.url
        #expect(url.hasPrefix("http://127.0.0.1:"))
        addresses.withLock { $0.append(url) }
      }
    }
    try await start()
    try await start()
    let before = addresses.withLock { $0 }
    #expect(before[0] == before[1])
    // Another program has it now.
    let port = try #require(before[0].split(separator: ":").last.flatMap { UInt16($0) })
    let taken = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    defer { close(taken) }
    var yes: Int32 = 1
    setsockopt(taken, SOL_SOCKET, SO_REUSEADDR, &yes, socklen_t(MemoryLayout<Int32>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let isBound = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(taken, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0 && listen(taken, 1) == 0
      }
    }
    #expect(isBound)
    try await start()
    #expect(addresses.withLock { $0[2] } != before[0])
  }

  @Test(.timeLimit(.minutes(30)))
  func `the last use of keys is written down before the end, and the end is no error`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let box = LogBox()
    let logger = Logger(label: "service") { label in
      ServiceLogHandler(label: label, format: .json, level: .warning) { line in
        box.lines.withLock { $0.append(line) }
      }
    }
    let key = Mutex("")
    try await TestService.run(TestService.settings(folder), logger: logger) { service in
      let first = try #require(service.ground.firstKey)
      key.withLock { $0 = first.key.id }
      #expect(try await service.send("GET", "/v1/organization/projects", key: first.secret).status == 200)
    }
    let store = try Store(path: folder + "/operant.sqlite")
    #expect(try await store.key(key.withLock { $0 })?.lastUsedAt != nil)
    #expect(box.lines.withLock { $0 } == [])
  }

  @Test(.timeLimit(.minutes(30)))
  func `the log tells of requests, and never of keys or bodies`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let box = LogBox()
    let logger = Logger(label: "service") { label in
      ServiceLogHandler(label: label, format: .json, level: .debug) { line in
        box.lines.withLock { $0.append(line) }
      }
    }
    try await TestService.run(TestService.settings(folder), logger: logger) { service in
      let key = try #require(service.ground.firstKey?.secret)
      _ = try await service.send("GET", "/v1/organization/projects?api_key=\(key)", key: key)
      _ = try await service.send(
        "POST", "/v1/organization/projects", key: key, headers: ["x-request-id": "mine-1"],
        body: ["name": "confidential"])
      _ = try await service.send("GET", "/v1/organization/projects", key: "sk-wrong-secret")
    }
    let lines = box.lines.withLock { $0 }
    #expect(!lines.joined().contains("sk-"))
    #expect(!lines.joined().contains("confidential"))
    let requests = lines.compactMap { try? JSONValue(parsing: $0) }.filter {
      $0["message"]?.string == "request"
    }
    #expect(requests.compactMap { $0["status"]?.string } == ["200", "200", "401"])
    #expect(requests.allSatisfy { $0["request_id"]?.string?.hasPrefix("req_") == true })
    #expect(requests[1]["client_request_id"]?.string == "mine-1")
    #expect(requests[0]["path"]?.string == "/v1/organization/projects")
  }

  final class LogBox: Sendable { let lines = Mutex<[String]>([]) }

  @Test func `a line of the plain log is one line, whatever a client sent`() {
    let box = LogBox()
    var logger = Logger(label: "x") { label in
      ServiceLogHandler(label: label, format: .plain, level: .info) { line in
        box.lines.withLock { $0.append(line) }
      }
    }
    logger[metadataKey: "request_id"] = "req_1"
    logger.info("request", metadata: ["path": "/a\nerror forged", "other": "a b"])
    let text = box.lines.withLock { $0 }.joined()
    #expect(text.hasSuffix("info request other=\"a b\" path=\"/a error forged\" request_id=req_1\n"))
    #expect(text.filter { $0 == "\n" }.count == 1)
  }
}
