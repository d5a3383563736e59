import Foundation
import Gateway
import Hummingbird
import Records
import Store

/// `/webhook_endpoints`: where a project wants to be told how its jobs ended. OpenAI sets these up in its console and
/// has no path for it; this one is ours.
struct WebhookRoutes: Sendable {
  let store: Store
  let reach: WebhookReach

  private static let mostEndpoints = 16

  func add(to group: RouterGroup<APIContext>) {
    group.post("webhook_endpoints", use: create)
    group.get("webhook_endpoints", use: list)
    group.get("webhook_endpoints/:id") { _, context in
      Response.json(try await found(context, for: .read).endpoint.wire())
    }
    group.delete("webhook_endpoints/:id", use: delete)
    group.get("webhook_endpoints/:id/deliveries", use: deliveries)
  }

  @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .write)
    let problems = RequestProblems()
    let reader = FieldReader(try await request.jsonObject(limit: 1 << 20), problems: problems)
    reader.rejectKeys(besides: ["url", "events"])
    let address = reader.requiredString("url", "an address such as https://example.com/hooks", longest: 2048)
    if let address {
      if let url = URL(string: address) {
        if let objection = reach.objection(to: url) { reader.error("url", objection) }
      } else {
        reader.error("url", "is not an address; expected one such as https://example.com/hooks")
      }
    }
    let events = Self.events(reader)
    try problems.check()
    let endpoint = WebhookEndpoint(
      projectID: caller.project.id, url: address ?? "", events: events, secret: WebhookSignature.newSecret())
    guard try await store.insert(endpoint, limit: Self.mostEndpoints) else {
      throw APIFailure(
        .quota, "the project has \(Self.mostEndpoints) webhook endpoints already; delete one first")
    }
    try await store.audit(caller, context, "webhook.create", endpoint.id)
    return .json(endpoint.wire(showsSecret: true))
  }

  /// Those that were named, each once; all when none is.
  private static func events(_ reader: FieldReader) -> [WebhookEvent] {
    let words = WebhookEvent.allCases.map(\.rawValue)
    guard let list = reader.array("events", "a list of events") else { return WebhookEvent.allCases }
    if list.isEmpty { reader.error("events", "is empty; expected some of \(words.joined(separator: ", "))") }
    var named: Set<WebhookEvent> = []
    for (index, value) in list.prefix(16).enumerated() {
      guard let event = value.string.flatMap(WebhookEvent.init) else {
        reader.error("events[\(index)]", "is no event; expected one of \(words.joined(separator: ", "))")
        continue
      }
      named.insert(event)
    }
    return WebhookEvent.allCases.filter(named.contains)
  }

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .read)
    let page = try await RequestQuery(request).page(limit: 20, highest: 100).read {
      page throws(StoreError) in try await store.webhookEndpoints(projectID: caller.project.id, page)
    }
    return .json(WireList.json(page.items.map { $0.wire() }, hasMore: page.hasMore))
  }

  @Sendable private func deliveries(_ request: Request, _ context: APIContext) async throws -> Response {
    let endpoint = try await found(context, for: .read).endpoint
    let page = try await RequestQuery(request).page(limit: 20, highest: 1000).read {
      page throws(StoreError) in try await store.deliveries(endpointID: endpoint.id, page)
    }
    return .json(WireList.json(page.items.map(\.wire), hasMore: page.hasMore))
  }

  @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
    let (endpoint, caller) = try await found(context, for: .write)
    guard try await store.deleteWebhookEndpoint(endpoint.id, projectID: caller.project.id) else {
      throw Self.missing(endpoint.id)
    }
    try await store.audit(caller, context, "webhook.delete", endpoint.id)
    return .json(WireValue.deleted(endpoint.id, object: "webhook_endpoint"))
  }

  private func found(_ context: APIContext, for scope: KeyScope) async throws -> (
    endpoint: WebhookEndpoint, caller: Caller
  ) {
    let caller = try context.caller(for: scope)
    let id = try context.name("id")
    guard let endpoint = try await store.webhookEndpoint(id, projectID: caller.project.id) else {
      throw Self.missing(id)
    }
    return (endpoint, caller)
  }

  private static func missing(_ id: String) -> APIFailure {
    APIFailure(.missing, "Could not find webhook endpoint: \(id.prefix(200))", param: "webhook_endpoint_id")
  }
}
