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
