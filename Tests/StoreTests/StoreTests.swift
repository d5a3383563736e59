import Foundation
import Records
import Store
import Testing

/// The store as the service uses it: a file of its own for every test.
struct StoreTests {
  let folder = FileManager.default.temporaryDirectory.appending(path: "store-\(UUID().uuidString)").path

  func open() throws -> Store {
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    return try Store(path: folder + "/operant.sqlite")
  }

  func job(_ project: Project, name: String? = nil) -> Job {
    Job(
      id: Identifier.new("ftjob-"), projectID: project.id, shape: .openai, name: name,
      request: JSONColumn(.object(JSONObject([("b", .integer(1)), ("a", .null)]))), model: "m",
      trainingFile: nil, seed: 1)
  }

  @Test func `what was accepted is there after the file was opened again`() async throws {
    let project = Project(name: "p")
    let job = job(project)
    do {
      let store = try open()
      try await store.insert(project)
      try await store.insert(job, events: [JobEvent(jobID: job.id, message: "made")])
    }
    let store = try open()
    let found = try #require(try await store.job(job.id, projectID: project.id))
    #expect(found.request.value.serialised() == #"{"b":1,"a":null}"#)
    #expect(try await store.job(job.id, projectID: "proj_other") == nil)
    #expect(try await store.events(of: job.id, PageRequest(limit: 5)).items.map(\.message) == ["made"])
    #expect(try await store.integrityProblems() == [])
  }

  @Test func `pages go from the newest to the oldest and miss nothing`() async throws {
    let store = try open()
    let project = Project(name: "p")
    try await store.insert(project)
    var ids: [String] = []
    for _ in 0..<7 {
      let job = job(project)
      ids.insert(job.id, at: 0)
      try await store.insert(job)
    }
    var seen: [String] = []
    var after: String?
    repeat {
      let page = try await store.jobs(
        projectID: project.id, shape: .openai, PageRequest(limit: 3, after: after))
      seen += page.items.map(\.id)
      after = page.hasMore ? page.items.last?.id : nil
    } while after != nil
    #expect(seen == ids)
  }

  @Test func `an event of one source is kept once`() async throws {
    let store = try open()
    let project = Project(name: "p")
    let job = job(project)
    try await store.insert(project)
    try await store.insert(job)
    for _ in 0..<2 { try await store.insert([JobEvent(jobID: job.id, message: "step", source: "step 1")]) }
    #expect(try await store.events(of: job.id, PageRequest(limit: 5)).items.count == 1)
  }

  @Test func `a second job of a name is a conflict, and jobs without one are not`() async throws {
    let store = try open()
    let project = Project(name: "p")
    try await store.insert(project)
    try await store.insert(job(project))
    try await store.insert(job(project))
    try await store.insert(job(project, name: "x"))
    let error = await #expect(throws: StoreError.self) { try await store.insert(job(project, name: "x")) }
    #expect(error?.kind == .conflict)
  }

  @Test func `a key is found by its hash, and its text is nowhere in the file`() async throws {
    let store = try open()
    let project = Project(name: "p")
    try await store.insert(project)
    let (key, secret) = APIKey.make(projectID: project.id, name: "k", scopes: [.read, .inference])
    try await store.insert(key)
    let found = try #require(try await store.key(hash: APIKey.hash(of: secret)))
    #expect(found.allows == [.read, .inference])
    let backup = folder + "/copy.sqlite"
    try await store.backUp(to: backup)
    let bytes = try Data(contentsOf: URL(filePath: backup))
    #expect(bytes.range(of: Data(secret.utf8)) == nil)
    #expect(bytes.range(of: Data(key.hash.utf8)) != nil)
  }

  @Test func `a checkpoint can be asked by its project, and by another one with leave`() async throws {
    let store = try open()
    let (mine, other) = (Project(name: "mine"), Project(name: "other"))
    try await store.insert(mine)
    try await store.insert(other)
    let job = job(mine)
    try await store.insert(job)
    let name = "ft:m:mine::x:ckpt-step-1"
    try await store.insert(
      JobCheckpoint(jobID: job.id, step: 1, model: name, metrics: JSONColumn(.object(JSONObject()))),
      model: TunedModel(id: name, projectID: mine.id, base: "m", jobID: job.id, runFolder: "/r", step: 1))
    #expect(try await store.model(name, projectID: mine.id) != nil)
    #expect(try await store.model(name, projectID: other.id) == nil)
    let permission = try #require(try await store.permit(model: name, projectIDs: [other.id]).first)
    #expect(try await store.model(name, projectID: other.id) != nil)
    #expect(try await store.models(projectID: other.id).map(\.id) == [name])
    #expect(try await store.deletePermission(permission.id, model: name))
    #expect(try await store.model(name, projectID: other.id) == nil)
  }

  @Test func `digests are those of the standards`() {
    #expect(
      Digest.hex(Digest.sha256(Array("abc".utf8)))
        == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad")
    #expect(
      Digest.hex(Digest.hmac(key: Array("Jefe".utf8), Array("what do ya want for nothing?".utf8)))
        == "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")
  }
}
