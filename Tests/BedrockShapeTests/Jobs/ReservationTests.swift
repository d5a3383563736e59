import Foundation
import Records
import Store
import Testing

/// Names, tokens and buckets: what is taken, by whom, and when it is free again.
struct ReservationTests {
  let path = FileManager.default.temporaryDirectory.appending(path: "reserve-\(UUID().uuidString).sqlite")
    .path

  private func open() async throws -> (Store, Project) {
    let store = try Store(path: path)
    let project = Project(name: "p")
    try await store.insert(project)
    return (store, project)
  }

  private func model(_ project: Project, _ id: String, name: String = "triage") -> CustomModel {
    CustomModel(
      id: id, projectID: project.id, arn: "arn-\(id)", name: name, jobID: "mcj-\(id)", jobARN: "job-\(id)",
      baseModelARN: "b", foundationModelARN: "f")
  }

  private func token(_ project: Project, _ subject: String, fingerprint: String = "1") -> RequestToken {
    RequestToken(
      projectID: project.id, operation: "Create", token: "t", fingerprint: fingerprint, subject: subject)
  }

  private func job(_ model: CustomModel, _ status: Job.Status, tuned: Bool) -> Job {
    var job = Job(
      id: model.jobID, projectID: model.projectID, shape: .bedrock, name: model.id, request: JSONColumn([:]),
      model: "m", trainingFile: nil, seed: 1)
    job.status = status
    job.tunedModel = tuned ? model.arn : nil
    return job
  }

  @Test func `a request that died on its way is gone on with under its token, and by no other request`()
    async throws
  {
    let (store, project) = try await open()
    let first = model(project, "a")
    #expect(try await store.reserve(first, token: token(project, "a")) == .made)
    #expect(
      try await store.reserve(model(project, "b"), token: token(project, "b")) == .repeated(subject: "a"))
    for (id, token) in [("c", token(project, "c", fingerprint: "2")), ("d", nil)] {
      let error = await #expect(throws: StoreError.self) {
        _ = try await store.reserve(model(project, id), token: token)
      }
      #expect(error?.kind == .conflict)
    }
    try await store.release(first)
    #expect(try await store.reserve(model(project, "e"), token: token(project, "e")) == .made)
  }

  @Test(arguments: [
    (Job.Status.running, false, false), (.queued, false, false), (.succeeded, true, false),
    (.cancelled, true, false), (.failed, false, true), (.cancelled, false, true),
  ])
  func `a name is free when its job has ended without a model`(
    _ status: Job.Status, _ tuned: Bool, _ isFree: Bool
  ) async throws {
    let (store, project) = try await open()
    let first = model(project, "a")
    _ = try await store.reserve(first, token: nil)
    try await store.insert(job(first, status, tuned: tuned))
    let second = try? await store.reserve(model(project, "b"), token: nil)
    #expect((second == .made) == isFree)
    let entry = try await store.customModelEntry("triage", projectID: project.id)
    #expect((entry != nil) == (tuned && status != .running))
    if let entry {
      #expect(try await store.deleteCustomModel(entry.model))
      #expect(try await store.reserve(model(project, "c"), token: nil) == .made)
      #expect(try await store.customModelEntry("arn-a", projectID: project.id) == nil)
    }
  }

  @Test func `another project may have the same names and tokens`() async throws {
    let (store, project) = try await open()
    let other = Project(name: "other")
    try await store.insert(other)
    #expect(try await store.reserve(model(project, "a"), token: token(project, "a")) == .made)
    #expect(try await store.reserve(model(other, "b"), token: token(other, "b")) == .made)
    #expect(try await store.integrityProblems() == [])
  }

  @Test func `a bucket is the first project's that uses it`() async throws {
    let (store, _) = try await open()
    #expect(try await store.owner(ofBucket: "logs") == nil)
    #expect(try await store.owner(ofBucket: "logs", orElse: "one") == "one")
    #expect(try await store.owner(ofBucket: "logs", orElse: "two") == "one")
    #expect(try await store.owner(ofBucket: "logs") == "one")
  }

  @Test func `outputs are wanted until they were written, or tried too often`() async throws {
    let (store, project) = try await open()
    let (done, broken) = (model(project, "a", name: "x"), model(project, "b", name: "y"))
    for model in [done, broken] {
      _ = try await store.reserve(model, token: nil)
      try await store.insert(job(model, .failed, tuned: false))
    }
    func wanted() async throws -> [String] {
      try await store.jobsWithoutOutputs(limit: 5, attempts: 2, at: 100).map(\.model.id)
    }
    #expect(try await wanted() == ["a", "b"])
    try await store.noteOutputs(of: "a")
    for left in [["b"], []] {
      try await store.noteOutputsFailed(of: "b", next: 100)
      #expect(try await wanted() == left)
    }
  }
}
