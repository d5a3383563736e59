import Foundation
import Gateway
import Records
import Service
import Store
import Testing

/// Projects and keys, at the machine and over the network.
struct AccountsTests {
  @Test(.timeLimit(.minutes(30)))
  func `a first start makes a project and one key, a second none`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let settings = TestService.settings(folder)
    let secret = try await {
      let ground = try await ServiceGround(settings, logger: TestService.quiet)
      return try #require(ground.firstKey?.secret)
    }()
    let ground = try await ServiceGround(settings, logger: TestService.quiet)
    #expect(ground.firstKey == nil)
    #expect(try await ground.store.keys(of: nil).map(\.hash) == [APIKey.hash(of: secret)])
    #expect(try await ground.store.projects().map(\.name) == ["default"])
    for name in ["", "operant.sqlite", "secret", "service.lock"] {
      let attributes = try FileManager.default.attributesOfItem(atPath: folder + "/" + name)
      #expect(attributes[.posixPermissions] as? Int == (name.isEmpty ? 0o700 : 0o600), "\(name)")
    }
    let bytes = try Data(contentsOf: URL(filePath: folder + "/operant.sqlite"))
    #expect(bytes.range(of: Data(secret.utf8)) == nil)
  }

  @Test(.timeLimit(.minutes(30)))
  func `a second service in a folder is told who has it`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    let ground = try await ServiceGround(TestService.settings(folder), logger: TestService.quiet)
    let failure = await #expect(throws: ServiceFailure.self) {
      try await ServiceGround(TestService.settings(folder), logger: TestService.quiet)
    }
    #expect(failure?.description.contains("another service works in") == true)
    #expect(failure?.description.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
    withExtendedLifetime(ground) {}
  }

  @Test(.timeLimit(.minutes(30)))
  func `a project with jobs that are not over is not archived`() async throws {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await TestService.run(TestService.settings(folder)) { service in
      let admin = service.ground.firstKey?.secret
      let store = service.ground.store
      let project = try await service.ground.accounts.createProject("team", by: .person)
      for status in [Job.Status.paused, .failed] {
        var job = Job(
          id: "ftjob-\(status.rawValue)", projectID: project.id, shape: .openai, request: JSONColumn([:]),
          model: "m", trainingFile: nil, seed: 1)
        job.status = status
        try await store.insert(job)
      }
      let path = "/v1/organization/projects/\(project.id)/archive"
      let refused = try await service.send("POST", path, key: admin)
      #expect(refused.status == 409)
      let message = refused.json?["error"]?["message"]?.string ?? ""
      #expect(message.contains("(ftjob-paused)"), "\(message)")
      #expect(try await store.project(project.id)?.archivedAt == nil)
      try await store.change("ftjob-paused") {
        $0.status = .cancelled
        return true
      }
      #expect(try await service.send("POST", path, key: admin).status == 200)
      #expect(try await store.audit(projectID: project.id, limit: 1).first?.action == "project.archive")
    }
  }

  @Test(.timeLimit(.minutes(30)))
  func `projects and keys are made, changed and ended over the network, and all of it is written down`()
    async throws
  {
    let folder = TestService.folder()
    defer { try? FileManager.default.removeItem(atPath: folder) }
    try await TestService.run(TestService.settings(folder)) { service in
      let admin = try #require(service.ground.firstKey?.secret)
      let root = "/v1/organization"
      let made = try await service.send(
        "POST", root + "/projects", key: admin, body: ["name": "team", "max_jobs": 2])
      #expect(made.status == 200)
      let project = try #require(made.json?["id"]?.string)
      #expect(made.json?["max_jobs"]?.integer == 2)
      let again = try await service.send("POST", root + "/projects", key: admin, body: ["name": "team"])
      #expect(again.status == 409)
      #expect(again.headers["x-should-retry"] == "false")
      let typo = try await service.send(
        "POST", root + "/projects", key: admin, body: ["name": "x", "max_job": 2])
      #expect(typo.status == 400)
      #expect(typo.json?["error"]?["param"]?.string == "max_job")
      let key = try await service.send(
        "POST", root + "/projects/\(project)/api_keys", key: admin,
        body: ["name": "robot", "scopes": ["read", "inference"], "expires_in_seconds": 3600])
      let secret = try #require(key.json?["value"]?.string)
      let id = try #require(key.json?["id"]?.string)
      #expect(try await service.send("GET", root + "/projects", key: secret).status == 403)
      let listed = try await service.send("GET", root + "/projects/\(project)/api_keys", key: admin)
      #expect(listed.json?["data"]?.array?.count == 1)
      #expect(!listed.text.contains(secret) && !listed.text.contains(APIKey.hash(of: secret)))
      let other = try #require(try await service.ground.store.project(named: "default")).id
      #expect(
        try await service.send("GET", root + "/projects/\(other)/api_keys/\(id)", key: admin).status == 404)
      #expect(
        try await service.send("DELETE", root + "/projects/\(project)/api_keys/\(id)", key: admin).status
          == 200)
      #expect(try await service.send("GET", root + "/projects", key: secret).status == 401)
      let changed = try await service.send(
        "POST", root + "/projects/\(project)", key: admin,
        body: ["max_jobs": nil, "max_tokens_per_day": 1000])
      #expect(changed.json?["max_jobs"] == .null)
      #expect(changed.json?["max_tokens_per_day"]?.integer == 1000)
      #expect(
        try await service.send("POST", root + "/projects/\(project)/archive", key: admin).json?["status"]?
          .string
          == "archived")
      let audit = try await service.send("GET", root + "/audit_logs?limit=3", key: admin)
      #expect(
        audit.json?["data"]?.array?.compactMap { $0["type"]?.string } == [
          "project.archive", "project.quota", "key.revoke",
        ])
      #expect(audit.json?["has_more"]?.bool == true)
      let next = try await service.send(
        "GET", root + "/audit_logs?limit=100&after=\(audit.json?["last_id"]?.string ?? "")", key: admin)
      #expect(
        next.json?["data"]?.array?.compactMap { $0["type"]?.string } == [
          "key.create", "project.quota", "project.create", "key.create", "project.create",
        ])
      #expect(!audit.text.contains(secret) && !next.text.contains(secret))
    }
  }
}
