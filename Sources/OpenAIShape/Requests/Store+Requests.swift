import Gateway
import Store

extension Store {
  /// Notes who has changed what.
  func audit(_ caller: Caller, _ context: APIContext, _ action: String, _ subject: String) async throws {
    try await record(caller.audit(context, action, subject))
  }
}

extension Caller {
  /// A change of theirs, for the audit log.
  func audit(_ context: APIContext, _ action: String, _ subject: String) -> AuditEntry {
    AuditEntry(
      projectID: project.id, keyID: key?.id, requestID: context.requestID, action: action, subject: subject)
  }
}

extension PageRequest {
  /// Reads a page; an `after` that nobody knows is the client's mistake.
  func read<Item: Sendable>(
    _ read: (PageRequest) async throws(StoreError) -> Page<Item>
  ) async throws -> Page<Item> {
    do throws(StoreError) {
      return try await read(self)
    } catch {
      guard error.kind == .missing else { throw error }
      throw APIFailure(.invalid, "after: \(error.message)", param: "after")
    }
  }
}
