import Foundation
import Gateway
import HTTPTypes
import Hummingbird
import Records
import Store

/// `/files`: sent as a form and streamed to disk, listed, read, deleted.
struct FileRoutes: Sendable {
  let shelf: FileShelf
  /// Bytes of the largest file.
  let maxBytes: Int

  func add(to group: RouterGroup<APIContext>) {
    group.post("files", use: create)
    group.get("files", use: list)
    group.get("files/:id", use: retrieve)
    group.delete("files/:id", use: delete)
    group.get("files/:id/content", use: content)
  }

  @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .write)
    let incoming = shelf.blobs.incomingPath()
    do {
      let file = try await receive(request, to: incoming, for: caller.project)
      try await shelf.add(file, from: incoming, for: caller.project)
      try await shelf.store.audit(caller, context, "file.create", file.id)
      return .json(file.wire)
    } catch {
      unlink(incoming)
      throw error
    }
  }

  /// Reads the form; the file's bytes are at `path` afterwards.
  private func receive(_ request: Request, to path: String, for project: Project) async throws -> StoredFile {
    let form = try MultipartReader(request)
    let room = try await shelf.room(of: project)
    var fields: [String: String] = [:]
    var saved: (part: MultipartReader.SavedPart, filename: String)?
    while let part = try await form.nextPart() {
      guard part.name == "file" else {
        if Self.fields.contains(part.name) { fields[part.name] = try await form.text() }
        continue
      }
      guard saved == nil else {
        throw APIFailure(.invalid, "the form has more than one part 'file'; send one", param: "file")
      }
      guard let filename = part.filename else {
        throw APIFailure(.invalid, "the part 'file' has no filename; send it as a file", param: "file")
      }
      do {
        saved = (try await form.save(to: path, limit: min(maxBytes, room ?? .max)), filename)
      } catch let failure as APIFailure where failure.kind == .tooLarge {
        guard room ?? .max >= maxBytes else { throw try await shelf.full(project, adding: (room ?? 0) + 1) }
        throw APIFailure(
          .tooLarge, "the file is larger than \(maxBytes) bytes; send it in parts, through /uploads",
          param: "file")
      }
    }
    let problems = RequestProblems()
    let purpose = Self.purpose(fields["purpose"], problems)
    let lifetime = FileLifetime.seconds(
      anchor: fields["expires_after[anchor]"], seconds: fields["expires_after[seconds]"], problems: problems)
    if saved == nil {
      problems.add("file", "is missing; expected a part with that name and a filename")
    } else if saved?.part.bytes == 0 {
      problems.add("file", "is empty")
    }
    try problems.check()
    guard let saved, let purpose else { throw APIFailure(.invalid, "the form is not complete") }
    let findings =
      purpose == .fineTune
      ? try await blocking { RowsGlance.findings(path: path, bytes: saved.part.bytes) } : nil
    return StoredFile(
      projectID: project.id, filename: Self.shown(saved.filename), bytes: saved.part.bytes,
      purpose: purpose.rawValue, sha256: saved.part.sha256, expiresAt: lifetime.map { .now + $0 },
      statusDetails: findings)
  }

  private static let fields = ["purpose", "expires_after[anchor]", "expires_after[seconds]"]

  static func purpose(_ word: String?, _ problems: RequestProblems) -> FilePurpose? {
    guard let word else {
      problems.add("purpose", "is missing; expected one of \(FilePurpose.sentWords)")
      return nil
    }
    guard let purpose = FilePurpose(rawValue: word), FilePurpose.sent.contains(purpose) else {
      problems.add("purpose", "is '\(word.prefix(40))'; expected one of \(FilePurpose.sentWords)")
      return nil
    }
    return purpose
  }

  /// A name for people: what stands behind the last slash, without control characters. It never becomes a path.
  static func shown(_ name: String) -> String {
    let last = name.split { $0 == "/" || $0 == "\\" }.last ?? ""
    let clean = String(
      String.UnicodeScalarView(last.unicodeScalars.filter { $0.value >= 32 && $0.value != 127 }))
    return clean.isEmpty || clean == "." || clean == ".." ? "upload" : String(clean.prefix(255))
  }

  // MARK: What is there

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .read)
    let query = try RequestQuery(request)
    try await shelf.sweepExpired()
    let page = try await query.page(limit: 10_000, highest: 10_000).read { page throws(StoreError) in
      try await shelf.store.files(projectID: caller.project.id, purpose: query["purpose"], page)
    }
    return .json(WireList.json(page.items.map(\.wire), hasMore: page.hasMore))
  }

  @Sendable private func retrieve(_ request: Request, _ context: APIContext) async throws -> Response {
    .json(try await found(context, for: .read).file.wire)
  }

  @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
    let (file, caller) = try await found(context, for: .write)
    guard try await shelf.delete(file.id, projectID: caller.project.id) else { throw Self.missing(file.id) }
    try await shelf.store.audit(caller, context, "file.delete", file.id)
    return .json(WireValue.deleted(file.id, object: "file"))
  }

  @Sendable private func content(_ request: Request, _ context: APIContext) async throws -> Response {
    let file = try await found(context, for: .read).file
    let body = try await FileIO().loadFile(path: shelf.blobs.path(file.id), context: context)
    return Response(
      status: .ok,
      headers: [
        .contentType: "application/octet-stream", .contentDisposition: Self.disposition(file.filename),
        .contentTypeOptions: "nosniff",
      ], body: body)
  }

  /// The name in quotes for old clients, and in full beside it (RFC 6266).
  private static func disposition(_ name: String) -> String {
    let plain = String(
      name.unicodeScalars.map { scalar -> Character in
        scalar.isASCII && scalar.value >= 32 && scalar.value != 127 && scalar != "\"" && scalar != "\\"
          ? Character(scalar) : "_"
      })
    let full = name.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? ""
    return "attachment; filename=\"\(plain)\"; filename*=UTF-8''\(full)"
  }

  private func found(_ context: APIContext, for scope: KeyScope) async throws -> (
    file: StoredFile, caller: Caller
  ) {
    let caller = try context.caller(for: scope)
    let id = try context.name("id")
    guard let file = try await shelf.file(id, projectID: caller.project.id) else { throw Self.missing(id) }
    return (file, caller)
  }

  private static func missing(_ id: String) -> APIFailure {
    APIFailure(.missing, "No such File object: \(id)", param: "id")
  }
}

extension HTTPField.Name {
  fileprivate static let contentTypeOptions = Self("x-content-type-options")!
}
