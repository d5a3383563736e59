import Records
import Store

extension WebhookDelivery {
  /// The message: the same at every try, so that a receiver may compare.
  var body: String {
    let event: JSONValue = [
      "id": .string(eventID), "object": "event", "created_at": .integer(createdAt), "type": .string(type),
      "data": ["id": .string(jobID)],
    ]
    return event.serialised()
  }

  var wire: JSONValue {
    let status = deliveredAt != nil ? "delivered" : nextAttemptAt != nil ? "pending" : "failed"
    return [
      "id": .string(id), "object": "webhook_endpoint.delivery", "event_id": .string(eventID),
      "type": .string(type), "data": ["id": .string(jobID)], "created_at": .integer(createdAt),
      "status": .string(status), "attempts": .integer(attempts),
      "next_attempt_at": WireValue.number(nextAttemptAt), "delivered_at": WireValue.number(deliveredAt),
      "last_error": WireValue.text(lastError),
    ]
  }
}

extension WebhookEndpoint {
  /// The secret is shown once, in the answer to the creation.
  func wire(showsSecret: Bool = false) -> JSONValue {
    var wire = JSONObject()
    wire["id"] = .string(id)
    wire["object"] = "webhook_endpoint"
    wire["created_at"] = .integer(createdAt)
    wire["url"] = .string(url)
    wire["events"] = .array(subscribed.map { .string($0.rawValue) })
    wire["status"] = disabledAt == nil ? "enabled" : "disabled"
    if showsSecret { wire["secret"] = .string(secret) }
    return .object(wire)
  }
}
