import Foundation
import OpenAIShape
import Records
import Store
import Testing

struct FileTests {
  private static let row = #"{"messages":[{"role":"user","content":"2+2?"}],"answer":"4"}"#

  @Test func `a name that looks like a path is only a name`() async throws {
    let service = try await JobsService()
    try await service.serve { client in
      for (sent, kept) in [("../../etc/passwd", "passwd"), ("/abs.jsonl", "abs.jsonl"), ("..", "upload")] {
        let answer = try await client.post(
          "/v1/files", fields: [("purpose", "fine-tune")], files: [("file", sent, Array(Self.row.utf8))])
        #expect(answer.status == 200, "\(answer.text)")
        #expect(answer.json["filename"]?.string == kept)
        let id = try #require(answer.json["id"]?.string)
        #expect(FileManager.default.fileExists(atPath: service.blobs.path(id)))
        let content = try await client.get("/v1/files/\(id)/content")
        #expect(content.text == Self.row)
        #expect(content.headers["content-disposition"]?.contains("filename=\"\(kept)\"") == true)
      }
      let names = try FileManager.default.contentsOfDirectory(atPath: service.blobs.folder)
      #expect(names.allSatisfy { $0.hasPrefix("file-") }, "\(names)")
    }
  }

  @Test func `everything that is wrong with a form is told at once, and nothing is kept`() async throws {
    let service = try await JobsService()
    try await service.serve { client in
      let answer = try await client.post(
        "/v1/files",
        fields: [
          ("purpose", "fine-tune-results"), ("expires_after[anchor]", "now"), ("expires_after[seconds]", "5"),
        ])
      #expect(answer.status == 400)
      for word in ["purpose", "created_at", "3600", "file:"] {
        #expect(answer.message.contains(word), "\(answer.message)")
      }
      #expect(answer.error["param"]?.string == "purpose")
      let empty = try await client.post(
        "/v1/files", fields: [("purpose", "fine-tune")], files: [("file", "a.jsonl", [])])
      #expect(empty.message.contains("is empty"))
      let json = try await client.post("/v1/files", ["purpose": "fine-tune"])
      #expect(json.status == 415)
      #expect(try FileManager.default.contentsOfDirectory(atPath: service.blobs.folder) == [])
    }
  }

  @Test func `a file of bad rows is kept and says what a job would say`() async throws {
    let service = try await JobsService()
    try await service.serve { client in
      let rows = Self.row + "\n{oops\n"
      let answer = try await client.post(
        "/v1/files", fields: [("purpose", "fine-tune")], files: [("file", "a.jsonl", Array(rows.utf8))])
      #expect(answer.status == 200)
      #expect(answer.json["status"]?.string == "processed")
      #expect(answer.json["status_details"]?.string?.contains("line 2") == true, "\(answer.text)")
    }
  }

  @Test func `a file is unknown once it has expired, and its bytes go`() async throws {
    let service = try await JobsService()
    let file = try await service.file(expiresAt: .now - 1)
    try await service.serve { client in
      let answer = try await client.get("/v1/files/\(file.id)")
      #expect(answer.status == 404)
      #expect(answer.message == "No such File object: \(file.id)")
      #expect(try await client.get("/v1/files").json["data"]?.array?.isEmpty == true)
      #expect(!FileManager.default.fileExists(atPath: service.blobs.path(file.id)))
    }
  }

  @Test func `what a project has no room for is refused while it comes`() async throws {
    let service = try await JobsService(maxStorageBytes: 100)
    try await service.serve { client in
      let small = try await client.post(
        "/v1/files", fields: [("purpose", "batch")], files: [("file", "a", [UInt8](repeating: 7, count: 60))])
      #expect(small.status == 200)
      let large = try await client.post(
        "/v1/files", fields: [("purpose", "batch")], files: [("file", "a", [UInt8](repeating: 7, count: 41))])
      #expect(large.status == 429)
      #expect(large.error["code"]?.string == "insufficient_quota")
      #expect(large.message.contains("60 of the 100 bytes"), "\(large.message)")
      #expect(try FileManager.default.contentsOfDirectory(atPath: service.blobs.folder).count == 1)
    }
  }

  @Test func `a file above the limit is refused, whatever the project may hold`() async throws {
    var service = try await JobsService()
    service.settings.maxFileBytes = 1000
    let limited = service
    try await limited.serve { client in
      let answer = try await client.post(
        "/v1/files", fields: [("purpose", "batch")],
        files: [("file", "a", [UInt8](repeating: 7, count: 1001))])
      #expect(answer.status == 413)
      #expect(answer.message.contains("/uploads"))
    }
  }

  @Test func `nothing of another project is there, not even to go on after`() async throws {
    let service = try await JobsService()
    let file = try await service.file()
    try await service.serve { client in
      let own = try await client.get("/v1/files/\(file.id)")
      #expect(own.status == 200)
      let stranger = client.with(key: service.otherKey)
      for path in ["/v1/files/\(file.id)", "/v1/files/\(file.id)/content"] {
        #expect(try await stranger.get(path).status == 404)
      }
      #expect(try await stranger.delete("/v1/files/\(file.id)").status == 404)
      #expect(try await stranger.get("/v1/files").json["data"]?.array?.isEmpty == true)
      #expect(try await stranger.get("/v1/files?after=\(file.id)").error["param"]?.string == "after")
      let reader = client.with(key: service.readKey)
      #expect(try await reader.get("/v1/files/\(file.id)").status == 200)
      #expect(try await reader.delete("/v1/files/\(file.id)").status == 403)
    }
  }

  @Test func `a file that a job still needs is gone for its owner, and its bytes stay until the job is over`()
    async throws
  {
    let service = try await JobsService()
    let file = try await service.file()
    let job = Job(
      id: "ftjob-x", projectID: service.project.id, shape: .openai, request: JSONColumn([:]), model: "tiny",
      trainingFile: file.id, seed: 1)
    try await service.store.insert(job)
    try await service.serve { client in
      #expect(try await client.delete("/v1/files/\(file.id)").json["deleted"]?.bool == true)
      #expect(try await client.get("/v1/files/\(file.id)").status == 404)
      #expect(FileManager.default.fileExists(atPath: service.blobs.path(file.id)))
      #expect(try await service.store.unneeded([file.id]) == [])
      try await service.store.change("ftjob-x") { job in
        job.status = .failed
        return true
      }
      #expect(try await service.store.unneeded([file.id]) == [file.id])
    }
  }
}
