internal import Foundation
package import Gateway
internal import HTTPTypes
package import Hummingbird
internal import NIOCore
package import Records
internal import Store

/// For those who look after the service: whether it lives, whether it can work, its figures, its description.
package struct OperationRoutes: Sendable {
  /// Those that answer without a key; figures do so for this machine only.
  package static let openPaths: Set<String> = ["/healthz", "/readyz", "/metrics", "/openapi.json"]

  private let probe: ServiceProbe
  private let metrics: MetricsRegistry
  private let description: JSONValue

  package init(probe: ServiceProbe, metrics: MetricsRegistry, description: JSONValue) {
    self.probe = probe
    self.metrics = metrics
    self.description = description
  }

  package func addRoutes(to router: Router<APIContext>) {
    router.get("/healthz") { _, _ in Response.json(["status": "ok"]) }
    router.get("/readyz") { _, _ in await readiness() }
    router.get("/metrics") { request, context in try await figures(request, context) }
    router.get("/openapi.json") { [description] _, _ in Response.json(description) }
  }

  private func readiness() async -> Response {
    let findings = await probe.look()
    let isReady = findings.allSatisfy { $0.problem == nil }
    var checks = JSONObject()
    for finding in findings { checks[finding.name] = .string(finding.problem ?? "ok") }
    return .json(
      ["status": .string(isReady ? "ready" : "not ready"), "checks": .object(checks)],
      status: isReady ? .ok : .serviceUnavailable)
  }

  private func figures(_ request: Request, _ context: APIContext) async throws -> Response {
    if !Self.isFromHere(request, context) { _ = try context.caller(for: .admin) }
    return Response(
      status: .ok, headers: [.contentType: "text/plain; version=0.0.4; charset=utf-8"],
      body: .init(byteBuffer: ByteBuffer(string: await metrics.text())))
  }

  /// Whether a request comes from this machine, and not from a proxy on it that speaks for somebody else.
  private static func isFromHere(_ request: Request, _ context: APIContext) -> Bool {
    guard let address = context.remoteAddress?.ipAddress,
      address.hasPrefix("127.") || address == "::1" || address.hasPrefix("::ffff:127.")
    else { return false }
    return ["x-forwarded-for", "forwarded", "x-real-ip", "via"].allSatisfy { name in
      !request.headers.contains { $0.name.canonicalName == name }
    }
  }
}
