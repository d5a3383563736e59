import Foundation
import Records
import Store
import Testing

/// Lists whose items change while they are read: what a client has seen last may be gone from the list since.
struct PagingTests {
  private func open() async throws -> (Store, Project) {
    let path = FileManager.default.temporaryDirectory.appending(path: "pages-\(UUID().uuidString).sqlite")
    let store = try Store(path: path.path)
    let project = Project(name: "p")
    try await store.insert(project)
    return (store, project)
  }

  /// Reads a list of two to a page, and does something to each item before the next page.
  private func walk<Item: Sendable>(
    id: (Item) -> String, _ page: (PageRequest) async throws -> Page<Item>,
    then change: (Item) async throws -> Void
  ) async throws -> [String] {
    var seen: [String] = []
    var after: String?
    repeat {
      let found = try await page(PageRequest(limit: 2, after: after))
      for item in found.items { try await change(item) }
      seen += found.items.map(id)
      after = found.hasMore ? found.items.last.map(id) : nil
    } while after != nil
    return seen
  }

  @Test func `jobs are stopped as they are listed by status`() async throws {
    let (store, project) = try await open()
    for index in 1...5 {
      try await store.insert(
        Job(
          id: "j\(index)", projectID: project.id, shape: .bedrock, name: "n\(index)",
          request: JSONColumn([:]),
          model: "m", trainingFile: nil, seed: 1))
    }
    let seen = try await walk(id: \.id) {
      try await store.bedrockJobs(projectID: project.id, filter: ListFilter(), status: .inProgress, $0)
    } then: { job in
      try await store.change(job.id) { job in
        job.wish = .cancel
        return true
      }
    }
    #expect(seen == ["j5", "j4", "j3", "j2", "j1"])
  }

  @Test func `deployments are deleted as they are listed`() async throws {
    let (store, project) = try await open()
    for index in 1...5 {
      _ = try await store.insert(
        ModelDeployment(
          id: "d\(index)", projectID: project.id, arn: "arn\(index)", name: "n\(index)", modelARN: "m",
          description: nil), token: nil)
    }
    let seen = try await walk(id: \.id) {
      try await store.deployments(projectID: project.id, filter: ListFilter(), modelARN: nil, $0)
    } then: {
      let isDeleted = try await store.deleteDeployment($0)
      #expect(isDeleted)
    }
    #expect(seen == ["d5", "d4", "d3", "d2", "d1"])
  }

  @Test func `models are deleted as they are listed`() async throws {
    let (store, project) = try await open()
    for index in 1...5 {
      let model = CustomModel(
        id: "c\(index)", projectID: project.id, arn: "arn\(index)", name: "n\(index)", jobID: "j\(index)",
        jobARN: "job\(index)", baseModelARN: "b", foundationModelARN: "f")
      _ = try await store.reserve(model, token: nil)
      var job = Job(
        id: model.jobID, projectID: project.id, shape: .bedrock, name: model.id, request: JSONColumn([:]),
        model: "m", trainingFile: nil, seed: 1)
      job.status = .succeeded
      job.tunedModel = model.arn
      try await store.insert(job)
    }
    let seen = try await walk(id: \.model.id) {
      try await store.customModelEntries(
        projectID: project.id, filter: ListFilter(), base: nil, foundation: nil, $0)
    } then: {
      let isDeleted = try await store.deleteCustomModel($0.model)
      #expect(isDeleted)
    }
    #expect(seen == ["c5", "c4", "c3", "c2", "c1"])
  }

  /// Their rows go, so that only the place is remembered.
  @Test func `files and webhooks are deleted as they are listed, and nobody else's`() async throws {
    let (store, project) = try await open()
    let other = Project(name: "other")
    try await store.insert(other)
    for index in 1...5 {
      try await store.insert(
        StoredFile(
          id: "f\(index)", projectID: project.id, filename: "n", bytes: 1, purpose: "fine-tune", sha256: ""))
      #expect(
        try await store.insert(
          WebhookEndpoint(projectID: project.id, url: "u\(index)", events: [], secret: "s"), limit: 9))
    }
    let files = try await walk(id: \.id) {
      try await store.files(projectID: project.id, purpose: "fine-tune", $0)
    } then: {
      let isDeleted = try await store.deleteFile($0.id, projectID: project.id)
      #expect(isDeleted)
    }
    #expect(files == ["f5", "f4", "f3", "f2", "f1"])
    let endpoints = try await walk(id: \.id) {
      try await store.webhookEndpoints(projectID: project.id, $0)
    } then: {
      let isDeleted = try await store.deleteWebhookEndpoint($0.id, projectID: project.id)
      #expect(isDeleted)
    }
    #expect(Set(endpoints).count == 5)
    let error = await #expect(throws: StoreError.self) {
      _ = try await store.files(projectID: other.id, purpose: nil, PageRequest(limit: 2, after: "f3"))
    }
    #expect(error?.kind == .missing)
  }

  @Test func `a token makes anew what was deleted, and once while it is there`() async throws {
    let (store, project) = try await open()
    func deploy(_ id: String) async throws -> Reservation {
      try await store.insert(
        ModelDeployment(
          id: id, projectID: project.id, arn: "arn-\(id)", name: "front", modelARN: "m", description: nil),
        token: RequestToken(
          projectID: project.id, operation: "o", token: "t", fingerprint: "1", subject: "arn-\(id)"))
    }
    #expect(try await deploy("a") == .made)
    #expect(try await deploy("b") == .repeated(subject: "arn-a"))
    let first = try #require(try await store.deployment("a", projectID: project.id))
    #expect(try await store.deleteDeployment(first))
    #expect(try await deploy("c") == .made)
    #expect(try await deploy("d") == .repeated(subject: "arn-c"))
  }
}
