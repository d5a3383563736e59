internal import GRDB

extension Store {
  package func insert(_ endpoint: WebhookEndpoint, limit: Int) async throws(StoreError) -> Bool {
    try await write { db in
      guard
        try WebhookEndpoint.filter(Column("projectID") == endpoint.projectID).fetchCount(db) < limit
      else { return false }
      var endpoint = endpoint
      try endpoint.insert(db)
      return true
    }
  }

  package func webhookEndpoint(_ id: String, projectID: String) async throws(StoreError) -> WebhookEndpoint? {
    try await read {
      try WebhookEndpoint.filter(Column("id") == id && Column("projectID") == projectID).fetchOne($0)
    }
  }

  package func webhookEndpoints(projectID: String, _ page: PageRequest) async throws(StoreError)
    -> Page<WebhookEndpoint>
  {
    try await read {
      try WebhookEndpoint.page(
        $0, page, of: WebhookEndpoint.filter(Column("projectID") == projectID), owner: projectID)
    }
  }

  /// - Returns: whether there was one. What was still to be sent to it goes with it.
  package func deleteWebhookEndpoint(_ id: String, projectID: String) async throws(StoreError) -> Bool {
    try await write {
      try WebhookEndpoint.filter(Column("id") == id && Column("projectID") == projectID).deleteAll($0) > 0
    }
  }

  package func deliveries(endpointID: String, _ page: PageRequest) async throws(StoreError)
    -> Page<WebhookDelivery>
  {
    try await read {
      try WebhookDelivery.page(
        $0, page, of: WebhookDelivery.filter(Column("endpointID") == endpointID), owner: endpointID)
    }
  }

  /// What is to be sent by a moment, oldest first, with the address that it goes to.
  package func dueDeliveries(at moment: UnixTime, limit: Int) async throws(StoreError)
    -> [(delivery: WebhookDelivery, endpoint: WebhookEndpoint)]
  {
    try await read { db in
      let due = try WebhookDelivery.filter(Column("nextAttemptAt") <= moment).order(
        Column("nextAttemptAt"), Column("sequence")
      ).limit(limit).fetchAll(db)
      return try due.compactMap { delivery in
        try WebhookEndpoint.filter(Column("id") == delivery.endpointID).fetchOne(db).map { (delivery, $0) }
      }
    }
  }

  /// Keeps how a try went; `isGone` also stops everything else that is to be sent to that address.
  package func record(_ delivery: WebhookDelivery, isGone: Bool) async throws(StoreError) {
    try await write { db in
      // The endpoint may have been deleted meanwhile, and its deliveries with it.
      guard try WebhookDelivery.filter(Column("id") == delivery.id).fetchCount(db) > 0 else { return }
      try delivery.update(db)
      guard isGone else { return }
      try WebhookEndpoint.filter(Column("id") == delivery.endpointID).updateAll(
        db, Column("disabledAt").set(to: UnixTime.now))
      try WebhookDelivery.filter(Column("endpointID") == delivery.endpointID).updateAll(
        db, Column("nextAttemptAt").set(to: nil))
    }
  }

  /// Forgets deliveries that are over and older than a moment.
  package func forgetDeliveries(before moment: UnixTime) async throws(StoreError) {
    try await write {
      _ = try WebhookDelivery.filter(Column("nextAttemptAt") == nil && Column("createdAt") < moment)
        .deleteAll($0)
    }
  }
}
