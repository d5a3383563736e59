import Foundation
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
