import Foundation
import Gateway
import Hummingbird
import Records
import Store

/// `/uploads`: a file in parts, in any order and several at once, put together when all are there.
struct UploadRoutes: Sendable {
  /// What an upload may be.
  struct Limits: Sendable, Hashable {
    /// Bytes of the whole.
    var bytes = 8 << 30
    var partBytes = 64 << 20
    var parts = 10_000
  }

  let shelf: FileShelf
  let limits: Limits

  func add(to group: RouterGroup<APIContext>) {
    group.post("uploads", use: create)
    group.get("uploads/:id", use: retrieve)
    group.post("uploads/:id/parts", use: addPart)
    group.post("uploads/:id/complete", use: complete)
    group.post("uploads/:id/cancel", use: cancel)
  }

  @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .write)
    let problems = RequestProblems()
    let reader = FieldReader(try await request.jsonObject(limit: 1 << 20), problems: problems)
    let filename = reader.requiredString("filename", "the file's name")
    let purpose = FileRoutes.purpose(reader.string("purpose"), problems)
    let mimeType = reader.requiredString("mime_type", "a type such as text/jsonl", longest: 255)
    if reader.value("bytes") == nil { reader.error("bytes", "is missing; expected the size of the file") }
    let bytes = reader.integer("bytes", in: 1...limits.bytes)
    let lifetime = reader.object("expires_after", "an object with anchor and seconds").flatMap {
      FileLifetime.seconds($0, problems: problems)
    }
    try problems.check()
    guard let filename, let purpose, let mimeType, let bytes else {
      throw APIFailure(.invalid, "the upload is not described in full")
    }
    if let room = try await shelf.room(of: caller.project), bytes > room {
      throw try await shelf.full(caller.project, adding: bytes)
    }
    let upload = Upload(
      projectID: caller.project.id, filename: FileRoutes.shown(filename), purpose: purpose.rawValue,
      mimeType: mimeType, bytes: bytes, fileLifetime: lifetime)
    try await shelf.store.insert(upload)
    try await shelf.store.audit(caller, context, "upload.create", upload.id)
    return .json(upload.wire())
  }

  @Sendable private func retrieve(_ request: Request, _ context: APIContext) async throws -> Response {
    let upload = try await found(context, try context.caller(for: .read))
    return .json(upload.wire(file: try await file(of: upload)))
  }

  @Sendable private func addPart(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .write)
    let upload = try await found(context, caller)
    guard upload.status == .pending else { throw Self.closed(upload.id, upload.status) }
    let incoming = shelf.blobs.incomingPath()
    do {
      let part = try await receivePart(request, to: incoming, of: upload)
      try shelf.blobs.adopt(incoming, as: part.id)
      // A part that is sent again after a lost answer is not in the list of parts, but it takes room until then.
      let obstacle = try await shelf.store.insert(
        part, of: upload, within: caller.project.maxStorageBytes,
        partsLimit: 2 * upload.bytes + limits.partBytes)
      guard let obstacle else { return .json(part.wire) }
      shelf.blobs.delete(part.id)
      switch obstacle {
      case .gone: throw Self.missing(upload.id)
      case .status(let status): throw Self.closed(upload.id, status)
      case .tooMuch:
        throw APIFailure(
          .invalid, "the parts come to far more than the \(upload.bytes) bytes that were announced",
          param: "data")
      case .quota: throw try await shelf.full(caller.project, adding: part.bytes)
      }
    } catch {
      unlink(incoming)
      throw error
    }
  }

  private func receivePart(_ request: Request, to path: String, of upload: Upload) async throws -> UploadPart
  {
    let form = try MultipartReader(request)
    var saved: MultipartReader.SavedPart?
    while let part = try await form.nextPart() {
      guard part.name == "data" else { continue }
      guard saved == nil else {
        throw APIFailure(.invalid, "the form has more than one part 'data'; send one", param: "data")
      }
      do {
        saved = try await form.save(to: path, limit: limits.partBytes)
      } catch let failure as APIFailure where failure.kind == .tooLarge {
        throw APIFailure(.tooLarge, "a part has at most \(limits.partBytes) bytes", param: "data")
      }
    }
    guard let saved, saved.bytes > 0 else {
      throw APIFailure(.invalid, "the form needs a part 'data' with bytes in it", param: "data")
    }
    return UploadPart(uploadID: upload.id, bytes: saved.bytes)
  }

  // MARK: Ends

  @Sendable private func complete(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .write)
    let upload = try await found(context, caller)
    let order = try await order(request)
    // The client tries again when an answer is lost, and must not hear that its file is a mistake.
    if upload.status == .completed { return .json(upload.wire(file: try await file(of: upload))) }
    guard upload.status == .pending else { throw Self.closed(upload.id, upload.status) }
    let ids = try Self.check(order.parts, of: upload, against: try await shelf.store.parts(of: upload.id))
    let incoming = shelf.blobs.incomingPath()
    let assembly = UploadAssembly(parts: ids.map(shelf.blobs.path), destination: incoming)
    let result: UploadAssembly.Result
    do {
      result = try await blocking { try assembly.run() }
    } catch {
      // Its parts may have been taken away meanwhile, with the upload itself.
      let now = try await found(context, caller)
      guard now.status == .pending else { throw Self.closed(upload.id, now.status) }
      throw error
    }
    var file = StoredFile(
      projectID: upload.projectID, filename: upload.filename, bytes: upload.bytes, purpose: upload.purpose,
      sha256: result.sha256, expiresAt: upload.fileLifetime.map { .now + $0 })
    do {
      if let md5 = order.md5, md5.lowercased() != result.md5 {
        throw APIFailure(
          .invalid, "the parts have the MD5 \(result.md5), not \(md5.prefix(64)); send them again",
          param: "md5")
      }
      if upload.purpose == FilePurpose.fineTune.rawValue {
        file.statusDetails = try await blocking { RowsGlance.findings(path: incoming, bytes: upload.bytes) }
      }
      try shelf.blobs.adopt(incoming, as: file.id)
    } catch {
      unlink(incoming)
      throw error
    }
    try await blocking { [blobs = shelf.blobs] in blobs.settle() }
    guard try await shelf.store.finish(upload, .completed, file: file) else {
      shelf.blobs.delete(file.id)
      let now = try await found(context, caller)
      guard now.status == .completed else { throw Self.closed(upload.id, now.status) }
      return .json(now.wire(file: try await self.file(of: now)))
    }
    try await removeParts(of: upload.id)
    try await shelf.store.audit(caller, context, "upload.complete", upload.id)
    var completed = upload
    completed.status = .completed
    return .json(completed.wire(file: file))
  }

  private func order(_ request: Request) async throws -> (parts: [String], md5: String?) {
    let problems = RequestProblems()
    let reader = FieldReader(try await request.jsonObject(limit: 4 << 20), problems: problems)
    let parts = reader.array("part_ids", "a list of part ids, in their order")
    if reader.value("part_ids") == nil {
      reader.error("part_ids", "is missing; expected a list of part ids, in their order")
    }
    let ids = (parts ?? []).compactMap(\.string)
    if let parts, ids.count != parts.count || ids.isEmpty {
      reader.error("part_ids", "must list the ids of the parts as texts, at least one")
    }
    if ids.count > limits.parts { reader.error("part_ids", "has more than \(limits.parts) parts") }
    let md5 = reader.string("md5")
    try problems.check()
    return (ids, md5)
  }

  /// The parts in order, if they are the upload's own, each once, and come to what was announced.
  private static func check(_ ids: [String], of upload: Upload, against parts: [UploadPart])
    throws(APIFailure) -> [String]
  {
    let sizes = Dictionary(uniqueKeysWithValues: parts.map { ($0.id, $0.bytes) })
    var seen: Set<String> = []
    var sum = 0
    for id in ids {
      guard let bytes = sizes[id] else {
        throw APIFailure(
          .invalid, "the upload \(upload.id) has no part '\(id.prefix(64))'", param: "part_ids")
      }
      guard seen.insert(id).inserted else {
        throw APIFailure(.invalid, "the part \(id) is listed twice", param: "part_ids")
      }
      sum += bytes
    }
    guard sum == upload.bytes else {
      throw APIFailure(
        .invalid,
        "the parts come to \(sum) bytes, but \(upload.bytes) were announced; list all parts, or begin anew",
        param: "part_ids")
    }
    return ids
  }

  @Sendable private func cancel(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .write)
    var upload = try await found(context, caller)
    if upload.status == .pending, try await shelf.store.finish(upload, .cancelled) {
      try await removeParts(of: upload.id)
      try await shelf.store.audit(caller, context, "upload.cancel", upload.id)
      upload.status = .cancelled
    } else {
      upload = try await found(context, caller)
      guard upload.status == .cancelled else { throw Self.closed(upload.id, upload.status) }
    }
    return .json(upload.wire())
  }

  /// Ends uploads whose hour is over.
  func sweep() async throws {
    for upload in try await shelf.store.overdueUploads(at: .now) { try await expire(upload) }
  }

  private func expire(_ upload: Upload) async throws {
    guard try await shelf.store.finish(upload, .expired) else { return }
    try await removeParts(of: upload.id)
  }

  private func removeParts(of id: String) async throws {
    for part in try await shelf.store.removeParts(of: id) { shelf.blobs.delete(part) }
  }

  private func file(of upload: Upload) async throws -> StoredFile? {
    guard let id = upload.fileID else { return nil }
    return try await shelf.file(id, projectID: upload.projectID)
  }

  /// The upload as it stands; one whose hour is over is ended here, if nobody came by before.
  private func found(_ context: APIContext, _ caller: Caller) async throws -> Upload {
    let id = try context.name("id")
    guard var upload = try await shelf.store.upload(id, projectID: caller.project.id) else {
      throw Self.missing(id)
    }
    if upload.status == .pending, upload.expiresAt <= .now {
      try await expire(upload)
      upload.status = .expired
    }
    return upload
  }

  private static func missing(_ id: String) -> APIFailure {
    APIFailure(.missing, "No such Upload object: \(id)", param: "upload_id")
  }

  private static func closed(_ id: String, _ status: Upload.Status) -> APIFailure {
    APIFailure(
      .invalid, "the upload \(id) is \(status.rawValue); only a pending one can go on", param: "upload_id")
  }
}
