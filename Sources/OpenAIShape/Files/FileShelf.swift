import Foundation
import Gateway
import Store

/// The files of projects: rows in the store, bytes in `Blobs`.
///
/// Bytes come before their row and go after it, so that a row never names bytes that are not there. What is left over
/// when a service dies in between is swept away.
struct FileShelf: Sendable {
  let store: Store
  let blobs: Blobs

  /// A file that has not expired.
  func file(_ id: String, projectID: String) async throws -> StoredFile? {
    guard let file = try await store.file(id, projectID: projectID) else { return nil }
    return (file.expiresAt ?? .max) > .now ? file : nil
  }

  /// Takes bytes that lie at `path` in as a file.
  ///
  /// - Throws: `APIFailure` when the project has no room; the bytes are gone then.
  func add(_ file: StoredFile, from path: String, for project: Project) async throws {
    do throws(StoreError) {
      try blobs.adopt(path, as: file.id)
    } catch {
      unlink(path)
      throw error
    }
    try await blocking { [blobs] in blobs.settle() }
    guard try await store.insert(file, within: project.maxStorageBytes) else {
      blobs.delete(file.id)
      throw try await full(project, adding: file.bytes)
    }
  }

  /// - Returns: whether there was one.
  func delete(_ id: String, projectID: String) async throws -> Bool {
    guard try await store.deleteFile(id, projectID: projectID) else { return false }
    try await release([id])
    return true
  }

  /// Deletes the bytes of ids that nobody needs any more; a job that is under way still needs its rows.
  func release(_ ids: [String]) async throws {
    for id in try await store.unneeded(ids) { blobs.delete(id) }
  }

  /// Deletes what has expired.
  func sweepExpired() async throws {
    for file in try await store.expiredFiles(at: .now) {
      _ = try await delete(file.id, projectID: file.projectID)
    }
  }

  /// Deletes bytes without a row that were left behind more than an hour ago.
  func sweepOrphans() async throws {
    let old = try await blocking { [blobs] in blobs.ids(untouchedSince: .now - 3600) }
    for start in stride(from: 0, to: old.count, by: 500) {
      try await release(Array(old[start..<min(start + 500, old.count)]))
    }
  }

  /// Bytes that a project may still add; nil for any number.
  func room(of project: Project) async throws -> Int? {
    guard let most = project.maxStorageBytes else { return nil }
    return max(0, most - (try await store.heldBytes(of: project.id)))
  }

  func full(_ project: Project, adding bytes: Int) async throws -> APIFailure {
    let held = try await store.heldBytes(of: project.id)
    return APIFailure(
      .quota,
      "the project holds \(held) of the \(project.maxStorageBytes ?? 0) bytes that it may; "
        + "\(bytes) more have no room. Delete files, or ask for more storage")
  }
}
