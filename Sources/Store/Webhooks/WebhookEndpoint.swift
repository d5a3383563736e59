internal import GRDB

/// An address of a project that is told what becomes of its jobs.
package struct WebhookEndpoint: StoredRecord {
  package static let databaseTableName = "webhookEndpoint"

  package var sequence: Int64?
  package var id: String
  package var projectID: String
  package var url: String
  /// Space separated `WebhookEvent`s.
  package var events: String
  /// `whsec_` and the key of signatures in base 64; kept as it is, since it signs.
  package var secret: String
  package var createdAt: UnixTime
  /// Since when nothing is sent any more, because the address said that it is gone.
  package var disabledAt: UnixTime?

  package init(projectID: String, url: String, events: [WebhookEvent], secret: String) {
    id = Identifier.new("we_")
    self.projectID = projectID
    self.url = url
    self.events = events.map(\.rawValue).joined(separator: " ")
    self.secret = secret
    createdAt = .now
  }

  package var subscribed: [WebhookEvent] {
    events.split(separator: " ").compactMap { WebhookEvent(rawValue: String($0)) }
  }
}

/// What an address can be told of.
package enum WebhookEvent: String, Sendable, Hashable, CaseIterable {
  case succeeded = "fine_tuning.job.succeeded"
  case failed = "fine_tuning.job.failed"
  case cancelled = "fine_tuning.job.cancelled"
}

/// One message to one address. The rows are written by a trigger, in the transaction that ends the job.
package struct WebhookDelivery: StoredRecord {
  package static let databaseTableName = "webhookDelivery"

  package var sequence: Int64?
  /// `webhook-id`: the same at every try.
  package var id: String
  package var endpointID: String
  /// The event's own id: the same to every address.
  package var eventID: String
  /// A `WebhookEvent`.
  package var type: String
  package var jobID: String
  package var createdAt: UnixTime
  package var attempts: Int
  /// nil when there will be no further try.
  package var nextAttemptAt: UnixTime?
  package var deliveredAt: UnixTime?
  /// What the last try met, as a sentence.
  package var lastError: String?
}
