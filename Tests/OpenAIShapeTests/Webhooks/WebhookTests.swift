import Foundation
import GatewayTesting
import Hummingbird
import OpenAIShape
import Records
import Store
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(30)))
struct WebhookTests {
  /// A receiver that keeps what it gets and answers what it is told.
  private final class Receiver: Sendable {
    struct Message: Sendable {
      var headers: [String: String]
      var body: String
    }
    let messages = Mutex<[Message]>([])
    let answers: Mutex<[HTTPResponse.Status]>

    init(_ answers: [HTTPResponse.Status]) { self.answers = Mutex(answers) }

    /// Serves while `body` runs, which gets the address.
    func serve(_ body: @Sendable (String) async throws -> Void) async throws {
      let router = Router()
      router.post("/hook") { request, _ in
        let bytes = try await request.body.collect(upTo: 1 << 16)
        let headers = Dictionary(request.headers.map { ($0.name.canonicalName, $0.value) }) { $1 }
        self.messages.withLock { $0.append(Message(headers: headers, body: String(buffer: bytes))) }
        let status = self.answers.withLock { $0.isEmpty ? .ok : $0.removeFirst() }
        return Response(status: status, headers: status == .found ? [.location: "/elsewhere"] : [:])
      }
      router.get("/elsewhere") { _, _ in "no webhook should come here" }
      let reach: @Sendable (Int) async throws -> Void = { try await body("http://127.0.0.1:\($0)/hook") }
      try await FreePort.serve(reach) { told in
        Application(
          router: router, configuration: .init(address: .hostname("127.0.0.1", port: 0)),
          onServerRunning: { told($0.localAddress?.port ?? 0) }, logger: FreePort.quiet)
      }
    }
  }

  private func courier(_ store: Store, _ reach: WebhookReach = .inside) -> WebhookCourier {
    var settings = WebhookCourier.Settings()
    settings.reach = reach
    settings.waits = [60, 120]
    return WebhookCourier(store: store, settings: settings, logger: FreePort.quiet)
  }

  private func job(_ service: JobsService, _ id: String, ends status: Job.Status) async throws {
    try await service.store.insert(
      Job(
        id: id, projectID: service.project.id, shape: .openai, request: JSONColumn([:]), model: "tiny",
        trainingFile: nil, seed: 1))
    for status in [Job.Status.running, status] {
      try await service.store.change(id) { job in
        job.status = status
        return true
      }
    }
  }

  private func endpoint(
    _ service: JobsService, _ url: String, _ events: [WebhookEvent] = WebhookEvent.allCases
  ) async throws -> WebhookEndpoint {
    let endpoint = WebhookEndpoint(
      projectID: service.project.id, url: url, events: events,
      secret: "whsec_" + Data((0..<32).map { UInt8($0) }).base64EncodedString())
    _ = try await service.store.insert(endpoint, limit: 9)
    return endpoint
  }

  private func deliveries(_ service: JobsService, _ endpoint: WebhookEndpoint) async throws
    -> [WebhookDelivery]
  {
    try await service.store.deliveries(endpointID: endpoint.id, PageRequest(limit: 50)).items
  }

  @Test(.enabled(if: ClientScript.missing == nil, "\(ClientScript.missing ?? "")"))
  func `the stock client takes a message as genuine, and a changed one not`() async throws {
    let service = try await JobsService()
    let receiver = Receiver([])
    try await receiver.serve { url in
      let endpoint = try await endpoint(service, url)
      try await job(service, "ftjob-abc", ends: .succeeded)
      _ = try await courier(service.store).deliverDue(at: .now)
      let message = try #require(receiver.messages.withLock { $0.first })
      let headers = JSONValue.object(JSONObject(message.headers.map { ($0.key, .string($0.value)) }))
      let seen = try await ClientScript.run(
        "openai_webhook.py", [endpoint.secret, headers.serialised(), message.body], folder: service.folder)
      #expect(seen["type"]?.string == "fine_tuning.job.succeeded")
      #expect(seen["job"]?.string == "ftjob-abc")
      #expect(seen["class"]?.string == "FineTuningJobSucceededWebhookEvent")
      #expect(try await deliveries(service, endpoint).first?.deliveredAt != nil)
    }
  }

  @Test func `a message is sent until it is taken, with the same id and body, by whichever service runs`()
    async throws
  {
    let service = try await JobsService()
    let receiver = Receiver([.internalServerError, .found])
    try await receiver.serve { url in
      let endpoint = try await endpoint(service, url)
      try await job(service, "ftjob-abc", ends: .failed)
      var now = UnixTime.now
      for attempt in 1...3 {
        // Another service each time: the outbox is in the store.
        let store = try Store(path: service.folder + "/operant.sqlite")
        _ = try await courier(store).deliverDue(at: now)
        let delivery = try #require(try await deliveries(service, endpoint).first)
        #expect(delivery.attempts == attempt)
        _ = try await courier(store).deliverDue(at: now)
        #expect(receiver.messages.withLock { $0.count } == attempt, "nothing goes out before its time")
        guard let next = delivery.nextAttemptAt else { break }
        #expect(delivery.lastError != nil)
        #expect(next >= now + 60 * attempt)
        now = next
      }
      let messages = receiver.messages.withLock { $0 }
      #expect(messages.count == 3)
      #expect(Set(messages.map(\.body)).count == 1)
      #expect(Set(messages.compactMap { $0.headers["webhook-id"] }).count == 1)
      let last = try #require(try await deliveries(service, endpoint).first)
      #expect(last.deliveredAt != nil && last.nextAttemptAt == nil && last.lastError == nil)
    }
  }

  @Test func `after the last try there is none, and an address that is gone is left alone`() async throws {
    let service = try await JobsService()
    let receiver = Receiver([.badRequest, .badRequest, .badRequest, .gone])
    try await receiver.serve { url in
      let endpoint = try await endpoint(service, url)
      try await job(service, "ftjob-a", ends: .cancelled)
      for round in 1...5 {
        _ = try await courier(service.store).deliverDue(at: .now + round * 1_000_000)
      }
      let given = try #require(try await deliveries(service, endpoint).first)
      #expect(given.attempts == 3 && given.nextAttemptAt == nil && given.deliveredAt == nil)
      try await job(service, "ftjob-b", ends: .cancelled)
      _ = try await courier(service.store).deliverDue(at: .now)
      #expect(
        try await service.store.webhookEndpoint(endpoint.id, projectID: service.project.id)?.disabledAt != nil
      )
      try await job(service, "ftjob-c", ends: .cancelled)
      #expect(try await deliveries(service, endpoint).count == 2)
    }
  }

  @Test func `a courier that runs finds what comes up, and ends when it is told to`() async throws {
    let service = try await JobsService()
    let receiver = Receiver([])
    try await receiver.serve { url in
      let endpoint = try await endpoint(service, url)
      var settings = WebhookCourier.Settings()
      settings.reach = .inside
      settings.pause = .milliseconds(20)
      let courier = WebhookCourier(store: service.store, settings: settings, logger: FreePort.quiet)
      let work = Task { await courier.run() }
      for id in ["ftjob-a", "ftjob-b"] {
        try await job(service, id, ends: .succeeded)
        while try await deliveries(service, endpoint).contains(where: { $0.deliveredAt == nil }) {
          try await Task.sleep(for: .milliseconds(20))
        }
      }
      work.cancel()
      await work.value
      #expect(receiver.messages.withLock { $0.count } == 2)
    }
  }

  @Test func `only what was subscribed to is written, once for every end, and none of another project`()
    async throws
  {
    let service = try await JobsService()
    let all = try await endpoint(service, "https://example.com/a")
    let failed = try await endpoint(service, "https://example.com/b", [.failed])
    var foreign = try await endpoint(service, "https://example.com/c")
    _ = try await service.store.deleteWebhookEndpoint(foreign.id, projectID: service.project.id)
    foreign.projectID = service.other.id
    _ = try await service.store.insert(foreign, limit: 9)
    try await job(service, "ftjob-a", ends: .succeeded)
    try await job(service, "ftjob-b", ends: .failed)
    try await service.store.change("ftjob-b") { job in
      job.errorMessage = "said later"
      return true
    }
    #expect(
      try await deliveries(service, all).map(\.type) == [
        "fine_tuning.job.failed", "fine_tuning.job.succeeded",
      ])
    #expect(try await deliveries(service, failed).map(\.eventID) == ["evt_b"])
    #expect(try await deliveries(service, foreign) == [])
  }

  @Test func `nothing is sent to an address that is too near, whenever it was accepted`() async throws {
    let service = try await JobsService()
    let receiver = Receiver([])
    try await receiver.serve { url in
      let near = try await endpoint(service, url.replacing("http://127.0.0.1", with: "https://localhost"))
      let metadata = try await endpoint(service, "http://169.254.169.254/latest")
      try await job(service, "ftjob-a", ends: .succeeded)
      _ = try await courier(service.store, .outside).deliverDue(at: .now)
      #expect(try await deliveries(service, near).first?.lastError?.contains("private network") == true)
      #expect(try await deliveries(service, metadata).first?.lastError?.contains("https") == true)
      _ = try await courier(service.store, .inside).deliverDue(at: .now + 100_000)
      #expect(try await deliveries(service, metadata).first?.lastError?.contains("link-local") == true)
      #expect(receiver.messages.withLock { $0.isEmpty })
    }
  }

  @Test func `endpoints are made, listed and deleted, and the secret is shown once`() async throws {
    let service = try await JobsService()
    try await service.serve { client in
      let made = try await client.post(
        "/v1/webhook_endpoints", ["url": "https://example.com/x", "events": ["fine_tuning.job.failed"]])
      #expect(made.status == 200, "\(made.text)")
      #expect(made.json["secret"]?.string?.hasPrefix("whsec_") == true)
      let id = try #require(made.json["id"]?.string)
      let listed = try await client.get("/v1/webhook_endpoints").json["data"]?.array
      #expect(listed?.count == 1 && listed?.first?["secret"] == nil)
      #expect(try await client.get("/v1/webhook_endpoints/\(id)").json["url"] == "https://example.com/x")
      let stranger = client.with(key: service.otherKey)
      #expect(try await stranger.get("/v1/webhook_endpoints/\(id)").status == 404)
      #expect(try await stranger.delete("/v1/webhook_endpoints/\(id)").status == 404)
      for (url, word) in [
        ("http://example.com/", "https"), ("https://10.0.0.1/", "private"),
        ("https://[fe80::1]/", "link-local"),
        ("nonsense", "https"),
      ] {
        let refused = try await client.post("/v1/webhook_endpoints", ["url": .string(url)])
        #expect(refused.status == 400 && refused.message.contains(word), "\(refused.text)")
      }
      let odd = try await client.post(
        "/v1/webhook_endpoints", ["url": "https://example.com", "events": ["batch.done"], "name": "x"])
      for word in ["events[0]", "name"] { #expect(odd.message.contains(word), "\(odd.message)") }
      try await job(service, "ftjob-a", ends: .failed)
      let deliveries = try await client.get("/v1/webhook_endpoints/\(id)/deliveries").json["data"]?.array
      #expect(deliveries?.first?["status"] == "pending")
      #expect(try await client.delete("/v1/webhook_endpoints/\(id)").json["deleted"] == true)
      #expect(try await service.store.dueDeliveries(at: .now, limit: 5).isEmpty)
    }
  }
}
