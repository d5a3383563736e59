import Foundation
package import Logging
package import Store

/// Brings the messages of the outbox to their addresses, again and again until they are taken.
///
/// Every message goes out at least once: a service that dies between the answer of a receiver and the note of it sends
/// the message again, with the same `webhook-id`.
package struct WebhookCourier: Sendable {
  /// How messages are sent.
  package struct Settings: Sendable, Hashable {
    package var reach = WebhookReach.outside
    /// Seconds from one try to the next; after the last there is none. Three days in all, with the waits doubled first.
    package var waits = [5, 30, 120, 600, 1800, 3600, 7200, 14_400, 28_800, 57_600, 57_600, 86_400]
    /// Seconds for a receiver's answer.
    package var answerLimit = 15.0
    /// Messages at a time.
    package var width = 8
    /// Between two looks at the outbox.
    package var pause = Duration.seconds(1)
    /// Seconds that deliveries are kept for their owner to look at.
    package var memory = 30 * 86_400

    package init() {}
  }

  private let store: Store
  private let settings: Settings
  private let logger: Logger
  private let transport = WebhookTransport()

  package init(store: Store, settings: Settings = Settings(), logger: Logger) {
    self.store = store
    self.settings = settings
    self.logger = logger
  }

  /// Works until its task is cancelled.
  package func run() async {
    defer { transport.close() }
    var lastSweep = UnixTime(0)
    while !Task.isCancelled {
      var wasFull = false
      do throws(StoreError) {
        wasFull = try await deliverDue(at: .now)
        if UnixTime.now - lastSweep > 3600 {
          try await store.forgetDeliveries(before: .now - settings.memory)
          lastSweep = .now
        }
      } catch {
        logger.error("webhooks cannot be read from the store", metadata: ["error": "\(error.message)"])
      }
      if !wasFull { try? await Task.sleep(for: settings.pause) }
    }
  }

  /// Sends what is due.
  ///
  /// - Returns: whether there may be more.
  package func deliverDue(at moment: UnixTime) async throws(StoreError) -> Bool {
    let due = try await store.dueDeliveries(at: moment, limit: settings.width)
    let outcomes = await withTaskGroup(of: (WebhookDelivery, Bool)?.self) { group in
      for (delivery, endpoint) in due {
        group.addTask { await attempt(delivery, to: endpoint, at: moment) }
      }
      var outcomes: [(WebhookDelivery, Bool)] = []
      for await outcome in group { if let outcome { outcomes.append(outcome) } }
      return outcomes
    }
    for (delivery, isGone) in outcomes { try await store.record(delivery, isGone: isGone) }
    return due.count == settings.width
  }

  /// One try; nil when the service is ending and nothing can be said of it.
  private func attempt(_ delivery: WebhookDelivery, to endpoint: WebhookEndpoint, at moment: UnixTime) async
    -> (
      WebhookDelivery, Bool
    )?
  {
    var delivery = delivery
    let result = await send(delivery, to: endpoint)
    delivery.attempts += 1
    delivery.nextAttemptAt = nil
    switch result {
    case .success(let status) where (200..<300).contains(status):
      delivery.deliveredAt = .now
      delivery.lastError = nil
      return (delivery, false)
    case .success(410):
      delivery.lastError = "the receiver said that it is gone (410); nothing more is sent there"
      return (delivery, true)
    case .success(let status):
      let redirect = (300..<400).contains(status) ? ", a redirect, which is not followed" : ""
      delivery.lastError = "the receiver answered \(status)\(redirect)"
    case .failure(.cancelled): return nil
    case .failure(let obstacle): delivery.lastError = obstacle.message
    }
    if delivery.attempts <= settings.waits.count {
      delivery.nextAttemptAt = moment + Self.spread(settings.waits[delivery.attempts - 1])
    }
    logger.warning(
      "a webhook was not delivered",
      metadata: [
        "delivery": "\(delivery.id)", "attempts": "\(delivery.attempts)",
        "reason": "\(delivery.lastError ?? "")",
      ])
    return (delivery, false)
  }

  private func send(_ delivery: WebhookDelivery, to endpoint: WebhookEndpoint) async
    -> Result<Int, WebhookObstacle>
  {
    guard let url = URL(string: endpoint.url), let host = url.host else {
      return .failure(WebhookObstacle("the address cannot be read"))
    }
    if let objection = settings.reach.objection(to: url) { return .failure(WebhookObstacle(objection)) }
    // Looked up anew each time: a name may be pointed elsewhere after it was accepted.
    let addresses = (try? await blocking { HostAddress.resolve(host) }) ?? []
    if let objection = settings.reach.objection(to: addresses) { return .failure(WebhookObstacle(objection)) }
    let body = delivery.body
    var headers = WebhookSignature.headers(
      id: delivery.id, at: .now, body: body, secret: endpoint.secret)
    headers["content-type"] = "application/json"
    headers["user-agent"] = "operant-webhooks"
    return await transport.post(body, to: url, headers: headers, within: settings.answerLimit)
  }

  /// A wait with up to a fifth more, so that receivers that were down are not met by everything at once.
  private static func spread(_ seconds: Int) -> Int { seconds + Int.random(in: 0...max(1, seconds / 5)) }
}
