import Foundation
import Records
import Store
import Testing

struct UploadTests {
  private func begin(_ client: TestClient, bytes: Int) async throws -> String {
    let answer = try await client.post(
      "/v1/uploads",
      ["filename": "../b/a\r\n.bin", "purpose": "batch", "bytes": .integer(bytes), "mime_type": "text/jsonl"])
    #expect(answer.status == 200 && answer.json["status"]?.string == "pending", "\(answer.text)")
    #expect(answer.json["filename"]?.string == "a.bin")
    return try #require(answer.json["id"]?.string)
  }

  private func part(_ client: TestClient, _ upload: String, _ text: String) async throws -> String {
    let answer = try await client.post(
      "/v1/uploads/\(upload)/parts", files: [("data", "upload", Array(text.utf8))])
    return try #require(answer.json["id"]?.string, "\(answer.text)")
  }

  @Test func `parts come together in the order of the list, and those that are not listed go`() async throws {
    let service = try await JobsService()
    try await service.serve { client in
      let upload = try await begin(client, bytes: 6)
      let second = try await part(client, upload, "def")
      let first = try await part(client, upload, "abc")
      _ = try await part(client, upload, "abc")
      let done = try await client.post(
        "/v1/uploads/\(upload)/complete",
        [
          "part_ids": [.string(first), .string(second)], "md5": "E80B5017098950FC58AAD83C8C14978E",
        ])
      #expect(done.status == 200, "\(done.text)")
      #expect(done.json["status"]?.string == "completed")
      let file = try #require(done.json["file"]?["id"]?.string)
      #expect(try await client.get("/v1/files/\(file)/content").text == "abcdef")
      #expect(try FileManager.default.contentsOfDirectory(atPath: service.blobs.folder) == [file])
      let stored = try #require(try await service.store.file(file, projectID: service.project.id))
      #expect(stored.sha256 == Digest.hex(Digest.sha256(Array("abcdef".utf8))))
      // The answer may have been lost: the same again is no mistake.
      let again = try await client.post("/v1/uploads/\(upload)/complete", ["part_ids": [.string(first)]])
      #expect(again.json["file"]?["id"]?.string == file)
      #expect(try await client.post("/v1/uploads/\(upload)/cancel").status == 400)
      let late = try await client.post("/v1/uploads/\(upload)/parts", files: [("data", "upload", [1])])
      #expect(late.status == 400)
      #expect(late.message.contains("completed"))
    }
  }

  @Test func `what does not come to what was announced is refused and can still be put right`() async throws {
    let service = try await JobsService()
    try await service.serve { client in
      let upload = try await begin(client, bytes: 6)
      let first = try await part(client, upload, "abc")
      let path = "/v1/uploads/\(upload)/complete"
      let short = try await client.post(path, ["part_ids": [.string(first)]])
      #expect(short.status == 400)
      #expect(short.message.contains("3 bytes, but 6"), "\(short.message)")
      let twice = try await client.post(path, ["part_ids": [.string(first), .string(first)]])
      #expect(twice.message.contains("twice"))
      let unknown = try await client.post(path, ["part_ids": ["part_none"]])
      #expect(unknown.message.contains("no part 'part_none'"))
      let second = try await part(client, upload, "def")
      let ids: JSONValue = [.string(first), .string(second)]
      let wrong = try await client.post(path, ["part_ids": ids, "md5": "00"])
      #expect(wrong.error["param"]?.string == "md5")
      #expect(try await client.post(path, ["part_ids": ids]).json["status"]?.string == "completed")
    }
  }

  @Test func `an upload ends with its hour or by its owner, and its parts go`() async throws {
    let service = try await JobsService()
    try await service.serve { client in
      var late = Upload(
        projectID: service.project.id, filename: "a", purpose: "batch", mimeType: "text/plain", bytes: 6,
        fileLifetime: nil)
      late.expiresAt = .now - 1
      try await service.store.insert(late)
      let old = UploadPart(uploadID: late.id, bytes: 1)
      try await service.store.insert(old)
      try "a".write(toFile: service.blobs.path(old.id), atomically: false, encoding: .utf8)
      let answer = try await client.post("/v1/uploads/\(late.id)/parts", files: [("data", "upload", [1])])
      #expect(answer.message.contains("expired"), "\(answer.text)")
      let given = try await begin(client, bytes: 6)
      _ = try await part(client, given, "abc")
      #expect(try await client.post("/v1/uploads/\(given)/cancel").json["status"]?.string == "cancelled")
      #expect(try await client.post("/v1/uploads/\(given)/cancel").json["status"]?.string == "cancelled")
      #expect(try FileManager.default.contentsOfDirectory(atPath: service.blobs.folder) == [])
    }
  }

  @Test func `a description that will not do is told in full`() async throws {
    let service = try await JobsService(maxStorageBytes: 50)
    try await service.serve { client in
      let answer = try await client.post("/v1/uploads", ["bytes": 9_000_000_000, "purpose": "results"])
      for word in ["filename", "purpose", "mime_type", "8589934592"] {
        #expect(answer.message.contains(word), "\(answer.message)")
      }
      let large = try await client.post(
        "/v1/uploads",
        ["filename": "a", "purpose": "batch", "bytes": 51, "mime_type": "text/plain"])
      #expect(large.error["code"]?.string == "insufficient_quota")
      let upload = try await begin(client, bytes: 10)
      #expect(try await client.with(key: service.otherKey).post("/v1/uploads/\(upload)/cancel").status == 404)
      let far = try await client.post(
        "/v1/uploads/\(upload)/parts", files: [("data", "upload", [UInt8](repeating: 1, count: 51))])
      #expect(far.error["code"]?.string == "insufficient_quota", "\(far.text)")
    }
  }
}
