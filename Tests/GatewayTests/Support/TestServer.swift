import Foundation
import Gateway
import GatewayTesting
import Hummingbird
import Records
import Store

#if canImport(FoundationNetworking)
  import FoundationNetworking
#endif

/// A gateway on a port of its own, over a store of its own, with the routes of a test.
struct TestServer: Sendable {
  let port: Int
  let store: Store
  let project: Project
  let secret: String
  let key: APIKey
  let authenticator: Authenticator
  let metrics: MetricsRegistry
  let folder: String

  /// Runs `body` against a server, then stops it.
  static func run(
    limits: GatewayLimits = .patient, scopes: Set<KeyScope> = Set(KeyScope.allCases),
    perMinute: Int? = nil, isOpen: Bool = false, hosts: OwnHosts = OwnHosts(), tls: GatewayServer.TLS? = nil,
    signing: SigningSecret? = nil, internalKeys: InternalKeys? = nil,
    routes: (Router<APIContext>, String) -> Void = { _, _ in },
    _ body: @Sendable (TestServer) async throws -> Void
  ) async throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: "gateway-\(UUID().uuidString)").path
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let store = try Store(path: folder + "/operant.sqlite")
    let project = Project(name: "default")
    try await store.insert(project)
    let (key, secret) = APIKey.make(
      projectID: project.id, name: "test", scopes: scopes, requestsPerMinute: perMinute)
    try await store.insert(key)
    let authenticator = Authenticator(
      store: store, mode: isOpen ? .off(project) : .keys, signing: signing, internalKeys: internalKeys,
      hosts: hosts)
    let metrics = MetricsRegistry()
    let router = Router(context: APIContext.self)
    Self.addRoutes(to: router)
    routes(router, folder)
    let gateway = Gateway(
      router: router, authenticator: authenticator, limits: limits, metrics: metrics, openPaths: ["/healthz"])
    try await FreePort.serve(gateway, tls: tls, limits: limits) { port in
      try await body(
        TestServer(
          port: port, store: store, project: project, secret: secret, key: key, authenticator: authenticator,
          metrics: metrics, folder: folder))
    }
  }

  /// A few that every test may use.
  private static func addRoutes(to router: Router<APIContext>) {
    router.get("/healthz") { _, _ in "ok" }
    router.get("/v1/me") { _, context -> Response in
      let caller = try context.caller(for: .read)
      return .json(.object(JSONObject([("project", .string(caller.project.id))])))
    }
    router.post("/v1/echo") { request, context -> Response in
      _ = try context.caller(for: .write)
      return .json(.object(try await request.jsonObject(limit: 1 << 20)))
    }
    router.post("/v1/crash") { _, _ -> Response in throw Unforeseen() }
    router.get("/model/:id/x") { _, _ -> Response in throw APIFailure(.missing, "no such model") }
    router.get("/v1/stream") { _, _ -> Response in
      Response(
        status: .ok, headers: [.contentType: "text/event-stream"],
        body: .init { writer in
          for number in 0..<3 { try await writer.write(ByteBuffer(string: "data: \(number)\n\n")) }
          try await writer.finish(nil)
        })
    }
  }

  struct Unforeseen: Error {}

  /// What came back.
  struct Answer: Sendable {
    let status: Int
    let headers: [String: String]
    let text: String
    var json: JSONValue? { try? JSONValue(parsing: text) }
  }

  func send(
    _ method: String, _ path: String, key: String?? = nil, headers: [String: String] = [:],
    body: [UInt8]? = nil
  ) async throws -> Answer {
    var request = URLRequest(url: URL(string: "http://127.0.0.1:\(port)\(path)")!)
    request.httpMethod = method
    request.timeoutInterval = 120
    if let key = key ?? secret { request.setValue("Bearer \(key)", forHTTPHeaderField: "authorization") }
    for (name, value) in headers { request.setValue(value, forHTTPHeaderField: name) }
    if let body { request.httpBody = Data(body) }
    let (data, response) = try await URLSession.shared.data(for: request)
    let http = response as? HTTPURLResponse
    var fields: [String: String] = [:]
    for (name, value) in http?.allHeaderFields ?? [:] { fields["\(name)".lowercased()] = "\(value)" }
    return Answer(
      status: http?.statusCode ?? 0, headers: fields, text: String(decoding: data, as: UTF8.self))
  }
}

extension GatewayLimits {
  /// For tests of anything but time: the machine may be busy, and the test itself or the server stand still for a while.
  static var patient: GatewayLimits {
    var limits = GatewayLimits()
    limits.headerSeconds = 600
    limits.idleSeconds = 600
    limits.bodySeconds = 600
    limits.answerSeconds = 600
    return limits
  }
}
