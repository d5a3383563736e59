import Foundation
import OperantTesting
import Records
import Store
import Testing

@testable import OpenAIShape

struct FileShelfTests {
  @Test func `what a service that died left behind is swept away, and nothing else`() async throws {
    let service = try await JobsService()
    let shelf = FileShelf(store: service.store, blobs: service.blobs)
    let kept = try await service.file()
    let half = service.blobs.incomingPath()
    for path in [half, service.blobs.path("file-orphan"), service.blobs.path("file-young")] {
      try "x".write(toFile: path, atomically: false, encoding: .utf8)
    }
    let old = Date(timeIntervalSinceNow: -7200)
    for id in ["file-orphan", kept.id] {
      try FileManager.default.setAttributes([.modificationDate: old], ofItemAtPath: service.blobs.path(id))
    }
    service.blobs.removeIncoming()
    try await shelf.sweepOrphans()
    let left = try FileManager.default.contentsOfDirectory(atPath: service.blobs.folder)
    #expect(Set(left) == [kept.id, "file-young"])
  }

  @Test func `uploads whose hour is over end without anybody asking, and others stay`() async throws {
    let service = try await JobsService()
    let shelf = FileShelf(store: service.store, blobs: service.blobs)
    var ids: [String] = []
    for expiresAt in [UnixTime.now - 1, .now + 100] {
      var upload = Upload(
        projectID: service.project.id, filename: "a", purpose: "batch", mimeType: "text/plain", bytes: 6,
        fileLifetime: nil)
      upload.expiresAt = expiresAt
      let part = UploadPart(uploadID: upload.id, bytes: 1)
      try await service.store.insert(upload)
      try await service.store.insert(part)
      try "x".write(toFile: service.blobs.path(part.id), atomically: false, encoding: .utf8)
      ids += [upload.id, part.id]
    }
    try await UploadRoutes(shelf: shelf, limits: .init()).sweep()
    #expect(try await service.store.upload(ids[0], projectID: service.project.id)?.status == .expired)
    #expect(try await service.store.upload(ids[2], projectID: service.project.id)?.status == .pending)
    #expect(try FileManager.default.contentsOfDirectory(atPath: service.blobs.folder) == [ids[3]])
  }

  @Test(.timeLimit(.minutes(30)))
  func `of a client that hangs up in the middle nothing is left`() async throws {
    let service = try await JobsService()
    try await service.serve { client in
      let connection = try HalfRequest(port: client.port)
      connection.send(
        """
        POST /v1/files HTTP/1.1\r
        host: localhost\r
        authorization: Bearer \(client.key)\r
        content-type: multipart/form-data; boundary=xyz\r
        content-length: 100000\r
        \r
        --xyz\r
        content-disposition: form-data; name="file"; filename="a"\r
        \r
        \(String(repeating: "x", count: 4000))
        """)
      func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: service.blobs.folder)
      }
      while try names().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
      connection.hangUp()
      while try !names().isEmpty { try await Task.sleep(for: .milliseconds(20)) }
      let answer = try await client.get("/v1/files")
      #expect(answer.json["data"] == [])
    }
  }

  @Test func `of two files that come at once, the second finds no room that the first has taken`()
    async throws
  {
    let service = try await JobsService(maxStorageBytes: 100)
    let shelf = FileShelf(store: service.store, blobs: service.blobs)
    let outcomes = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<4 {
        group.addTask {
          let path = service.blobs.incomingPath()
          let file = StoredFile(
            projectID: service.project.id, filename: "a", bytes: 60, purpose: "batch", sha256: "")
          do {
            try String(repeating: "x", count: 60).write(toFile: path, atomically: false, encoding: .utf8)
            try await shelf.add(file, from: path, for: service.project)
            return true
          } catch {
            return false
          }
        }
      }
      return await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
    }
    #expect(outcomes == 1)
    #expect(try FileManager.default.contentsOfDirectory(atPath: service.blobs.folder).count == 1)
  }
}
