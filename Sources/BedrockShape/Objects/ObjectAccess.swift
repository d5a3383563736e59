internal import Gateway
internal import Store

/// Objects as a project may see them. Bucket names belong to one owner, as in S3: a bucket is the project's that used
/// it first, unless the settings give it to one, or to all.
struct ObjectAccess: Sendable {
  let storage: any ObjectStorage
  let settings: BucketSettings
  let store: Store

  func file(_ address: S3Address, of project: Project, copyInto folder: String) async throws -> String? {
    try await check(address, project)
    let path = try await mapped { () async throws(ObjectFailure) in
      try await storage.file(address, copyInto: folder)
    }
    if path != nil { try await claim(address, project) }
    return path
  }

  func objects(below address: S3Address, of project: Project) async throws -> [S3Address] {
    try await check(address, project)
    return try await mapped { () async throws(ObjectFailure) in try await storage.objects(below: address) }
  }

  /// Throws `APIFailure` where the bucket is another project's.
  func check(_ address: S3Address, _ project: Project) async throws {
    try await require(address, project) { try await store.owner(ofBucket: address.bucket) ?? project.id }
  }

  /// Makes a bucket that is nobody's the project's; throws `APIFailure` where it is another one's.
  func claim(_ address: S3Address, _ project: Project) async throws {
    try await require(address, project) {
      try await store.owner(ofBucket: address.bucket, orElse: project.id)
    }
  }

  private func require(_ address: S3Address, _ project: Project, owner: () async throws -> String)
    async throws
  {
    if settings.shared.contains(address.bucket) { return }
    let isMine: Bool
    if let owner = settings.owners[address.bucket] {
      isMine = owner == project.name || owner == project.id
    } else {
      isMine = try await owner() == project.id
    }
    guard isMine else {
      throw APIFailure(
        .forbidden, "the bucket '\(address.bucket)' belongs to another project; take another bucket")
    }
  }

  private func mapped<Value>(_ body: () async throws(ObjectFailure) -> Value) async throws -> Value {
    do throws(ObjectFailure) { return try await body() } catch {
      throw APIFailure(.unavailable, error.message, retryAfter: 5)
    }
  }
}
