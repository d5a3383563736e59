import OpenAIShape
import Records
import Store
import Testing

/// The stock client through everything but inference.
@Suite(.enabled(if: ClientScript.missing == nil, "\(ClientScript.missing ?? "")"))
struct ClientLifeTests {
  @Test
  func `the stock openai client lives through the whole life of a job, at OpenAI's paths and at Azure's`()
    async throws
  {
    let service = try await JobsService()
    try await service.serve { client in
      let seen = try await ClientScript.run(
        "openai_jobs.py", [client.base, client.key, service.other.id], folder: service.folder)
      let id = try #require(seen["job"]?.string)
      let job = try #require(try await service.store.job(id))
      #expect(job.status == .succeeded)
      #expect(job.plan?.value["epochs"]?.integer == 2)
      let actions = try await service.store.audit(projectID: service.project.id, limit: 100).map(\.action)
      for action in [
        "file.create", "file.delete", "upload.create", "upload.complete", "job.create", "job.cancel",
        "job.pause",
        "job.resume", "permission.create", "permission.delete", "model.delete",
      ] { #expect(actions.contains(action), "\(action) was not noted") }
      #expect(try await service.store.integrityProblems() == [])
    }
  }
}
