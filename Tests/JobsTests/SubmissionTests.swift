import Foundation
import GRDB
import Jobs
import Records
import Store
import Testing

@Suite(.timeLimit(.minutes(30)))
struct SubmissionTests {
  @Test func `a job, its remarks and who asked for it are kept together or not at all`() async throws {
    let shop = try await Workshop()
    let desk = JobDesk(shop.surroundings())
    var order = shop.order("j")
    order.remarks = ["the batch is small"]
    order.audit = AuditEntry(
      projectID: "proj_1", keyID: "key_1", requestID: "req_1", action: "job.create", subject: "j")
    try await shop.store.write { try $0.execute(sql: "ALTER TABLE auditEntry RENAME TO elsewhere") }
    let whole = order
    await #expect {
      _ = try await desk.submit(whole)
    } throws: { ($0 as? JobFailure)?.kind == .unusable }
    #expect(try await shop.store.job("j") == nil)
    try await shop.store.write { try $0.execute(sql: "ALTER TABLE elsewhere RENAME TO auditEntry") }
    _ = try await desk.submit(whole)
    #expect(try await shop.store.audit(projectID: "proj_1", limit: 10).map(\.action) == ["job.create"])
    let events = try await shop.events("j")
    #expect(events.map(\.message) == ["Created fine-tuning job", "the batch is small"])
    #expect(events.map(\.level) == [.info, .warn])
  }
}
