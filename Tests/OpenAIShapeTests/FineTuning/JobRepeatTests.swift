import Records
import Store
import Testing

/// Clients that heard no answer and ask again.
struct JobRepeatTests {
  private static func order(_ file: String, seed: Int = 1) -> JSONValue {
    [
      "model": "tiny", "training_file": .string(file), "seed": .integer(seed),
      "method": [
        "type": "reinforcement",
        "reinforcement": [
          "grader": JobRequestTests.grader, "hyperparameters": ["learning_rate_multiplier": 2.0],
        ],
      ],
    ]
  }

  private static func ask(
    _ client: TestClient, _ order: JSONValue, _ headers: [String: String] = [:]
  ) async throws -> String {
    let answer = try await client.post("/v1/fine_tuning/jobs", order, headers: headers)
    #expect(answer.status == 200, "\(answer.text)")
    return try #require(answer.json["id"]?.string)
  }

  private static func count(_ client: TestClient) async throws -> Int? {
    try await client.get("/v1/fine_tuning/jobs?limit=100").json["data"]?.array?.count
  }

  private static let again = ["x-stainless-retry-count": "1"]

  @Test func `a request that was made before and says so makes no second job`() async throws {
    let service = try await JobsService()
    let file = try await service.file()
    try await service.serve { client in
      let order = Self.order(file.id)
      let first = try await Self.ask(client, order, ["x-stainless-retry-count": "0"])
      #expect(try await Self.ask(client, order, Self.again) == first)
      let other = try await Self.ask(client, Self.order(file.id, seed: 2), Self.again)
      #expect(other != first)
      let meant = try await Self.ask(client, order)
      #expect(meant != first)
      #expect(try await Self.count(client) == 3)
      let actions = try await service.store.audit(projectID: service.project.id, limit: 100).map(\.action)
      #expect(actions.filter { $0 == "job.create" }.count == 3)
    }
  }

  @Test func `another try after a refusal is refused, whatever was made before`() async throws {
    let service = try await JobsService()
    let file = try await service.file()
    try await service.serve { client in
      let order = Self.order(file.id)
      _ = try await Self.ask(client, order)
      #expect(try await client.delete("/v1/files/\(file.id)").status == 200)
      for headers in [[:], Self.again, Self.again] {
        let refused = try await client.post("/v1/fine_tuning/jobs", order, headers: headers)
        #expect(refused.status == 400, "\(refused.text)")
      }
    }
  }

  @Test func `requests that come while the first is under way wait for it`() async throws {
    let service = try await JobsService()
    let file = try await service.file()
    try await service.serve { client in
      let ids = try await withThrowingTaskGroup(of: String.self) { group in
        for _ in 0..<6 { group.addTask { try await Self.ask(client, Self.order(file.id), Self.again) } }
        return try await group.reduce(into: Set<String>()) { $0.insert($1) }
      }
      #expect(ids.count == 1)
      #expect(try await Self.count(client) == 1)
    }
  }

  @Test func `a key makes one job, and is of one request`() async throws {
    let service = try await JobsService()
    let file = try await service.file()
    try await service.serve { client in
      let key = ["Idempotency-Key": "mine"]
      let refused = try await client.post("/v1/fine_tuning/jobs", Self.order("file-none"), headers: key)
      #expect(refused.status == 400)
      let first = try await Self.ask(client, Self.order(file.id), key)
      #expect(try await Self.ask(client, Self.order(file.id), key) == first)
      let other = try await client.post("/v1/fine_tuning/jobs", Self.order(file.id, seed: 2), headers: key)
      #expect(other.status == 400 && other.error["code"] == "idempotency_key_in_use", "\(other.text)")
      #expect(try await Self.ask(client, Self.order(file.id), ["Idempotency-Key": "yours"]) != first)
      #expect(try await Self.count(client) == 2)
    }
  }
}
