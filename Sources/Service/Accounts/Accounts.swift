internal import Foundation
internal import Records
package import Store

/// Projects and keys: every change is written into the audit log, whoever makes it.
package struct Accounts: Sendable {
  /// Who changes something: a key over the network, or a person at the machine.
  package struct Actor: Sendable, Hashable {
    package var keyID: String?
    package var requestID: String?

    package init(keyID: String? = nil, requestID: String? = nil) {
      self.keyID = keyID
      self.requestID = requestID
    }

    /// The command line.
    package static let person = Actor()
  }

  /// What was asked for cannot be.
  package struct Problem: Error, Sendable, Hashable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable { case missing, invalid, conflict }
    package let kind: Kind
    package let description: String

    init(_ kind: Kind, _ description: String) {
      self.kind = kind
      self.description = description
    }
  }

  /// A key that was just made, with the text that is shown once.
  package struct NewKey: Sendable {
    package let key: APIKey
    package let secret: String
    /// For AWS's clients.
    package let secretAccessKey: String
  }

  /// The name of the project that is there from the start.
  package static let defaultProject = "default"

  package let store: Store
  private let signing: SigningSecret

  package init(store: Store, signing: SigningSecret) {
    self.store = store
    self.signing = signing
  }

  // MARK: First start

  /// The default project, and a key of it when there was none in the whole store.
  package func prepare() async throws -> (project: Project, firstKey: NewKey?) {
    let project: Project
    if let found = try await store.project(named: Self.defaultProject) {
      project = found
    } else {
      project = try await createProject(Self.defaultProject, by: .person)
    }
    guard try await store.keys(of: nil).isEmpty else { return (project, nil) }
    let key = try await createKey(
      in: project, name: "first", scopes: Set(KeyScope.allCases), lifetime: nil, requestsPerMinute: nil,
      by: .person)
    return (project, key)
  }

  // MARK: Projects

  /// A project by its name or id.
  package func project(_ text: String) async throws -> Project {
    if let project = try await store.project(text) { return project }
    if let project = try await store.project(named: text) { return project }
    let names = try await store.projects().map(\.name)
    let near = EditDistance.nearest(to: text, among: names).map { "; did you mean '\($0)'?" } ?? ""
    throw Problem(.missing, "there is no project '\(text)'\(near)")
  }

  package func createProject(_ name: String, by actor: Actor) async throws -> Project {
    guard (1...64).contains(name.count), !name.contains(where: \.isNewline), !name.hasPrefix("proj_") else {
      throw Problem(
        .invalid,
        "'\(name.prefix(80))' is no name for a project; expected 1 to 64 characters, not beginning with proj_"
      )
    }
    let project = Project(name: name)
    do throws(StoreError) { try await store.insert(project) } catch { throw Self.problem(error, name) }
    try await audit(
      actor, "project.create", project.id, project: project.id, JSONObject([("name", .string(name))]))
    // With its place in the table, which changes need.
    return try await self.project(project.id)
  }

  private static func problem(_ error: StoreError, _ name: String) -> any Error {
    error.kind == .conflict ? Problem(.conflict, "there is a project '\(name)' already") : error
  }

  package func archive(_ project: Project, by actor: Actor) async throws -> Project {
    guard project.name != Self.defaultProject else {
      throw Problem(.invalid, "the project \(Self.defaultProject) cannot be archived")
    }
    guard project.archivedAt == nil else { return project }
    var project = project
    project.archivedAt = .now
    let entry = AuditEntry(
      projectID: project.id, keyID: actor.keyID, requestID: actor.requestID, action: "project.archive",
      subject: project.id)
    let open = try await store.archive(project, audit: entry)
    guard open.isEmpty else {
      let names =
        open.prefix(10).joined(separator: ", ") + (open.count > 10 ? " and \(open.count - 10) more" : "")
      throw Problem(
        .conflict,
        "the project \(project.name) has jobs that are not over (\(names)), and nobody could stop them any more: "
          + "cancel them with a key of the project, or wait for their end")
    }
    return project
  }

  package func rename(_ project: Project, to name: String, by actor: Actor) async throws -> Project {
    guard (1...64).contains(name.count), !name.contains(where: \.isNewline), !name.hasPrefix("proj_") else {
      throw Problem(.invalid, "'\(name.prefix(80))' is no name for a project; expected 1 to 64 characters")
    }
    guard project.name != Self.defaultProject else {
      throw Problem(.invalid, "the project \(Self.defaultProject) keeps its name")
    }
    var project = project
    project.name = name
    do throws(StoreError) { try await store.update(project) } catch { throw Self.problem(error, name) }
    try await audit(
      actor, "project.rename", project.id, project: project.id, JSONObject([("name", .string(name))]))
    return project
  }

  /// What a project may use; a field that is nil leaves that quota as it is.
  package struct QuotaChange: Sendable, Hashable {
    /// A number, or none.
    package enum Value: Sendable, Hashable {
      case limit(Int)
      case none

      var number: Int? { if case .limit(let number) = self { number } else { nil } }
    }
    package var jobs: Value?
    package var storage: Value?
    package var tokens: Value?

    package init(jobs: Value? = nil, storage: Value? = nil, tokens: Value? = nil) {
      self.jobs = jobs
      self.storage = storage
      self.tokens = tokens
    }
  }

  package func setQuota(_ project: Project, _ change: QuotaChange, by actor: Actor) async throws -> Project {
    var project = project
    var details = JSONObject()
    func tell(_ name: String, _ value: QuotaChange.Value) {
      details[name] = value.number.map(JSONValue.integer) ?? .null
    }
    for value in [change.jobs, change.storage, change.tokens] {
      if case .limit(let number)? = value, number < 0 {
        throw Problem(.invalid, "a quota of \(number) was given; expected a number from 0, or none")
      }
    }
    if let jobs = change.jobs {
      project.maxRunningJobs = jobs.number
      tell("jobs", jobs)
    }
    if let storage = change.storage {
      project.maxStorageBytes = storage.number
      tell("storage_bytes", storage)
    }
    if let tokens = change.tokens {
      project.maxTokensPerDay = tokens.number
      tell("tokens_per_day", tokens)
    }
    guard !details.isEmpty else { return project }
    try await store.update(project)
    try await audit(actor, "project.quota", project.id, project: project.id, details)
    return project
  }

  // MARK: Keys

  /// - Parameter lifetime: seconds; nil for ever.
  package func createKey(
    in project: Project, name: String, scopes: Set<KeyScope>, lifetime: Int?, requestsPerMinute: Int?,
    by actor: Actor
  ) async throws -> NewKey {
    guard project.archivedAt == nil else {
      throw Problem(.invalid, "the project \(project.name) is archived")
    }
    guard (1...100).contains(name.count), !name.contains(where: \.isNewline) else {
      throw Problem(.invalid, "a key's name has 1 to 100 characters")
    }
    guard !scopes.isEmpty else { throw Problem(.invalid, "a key without any scope opens nothing") }
    if let lifetime, lifetime <= 0 { throw Problem(.invalid, "a key lives for a second at least") }
    if let requestsPerMinute, requestsPerMinute <= 0 {
      throw Problem(.invalid, "a key that may send no request opens nothing")
    }
    let expiresAt = lifetime.map { UnixTime.now.addingReportingOverflow($0).partialValue }
    let (key, secret) = APIKey.make(
      projectID: project.id, name: name, scopes: scopes, expiresAt: expiresAt,
      requestsPerMinute: requestsPerMinute)
    try await store.insert(key)
    var details = JSONObject()
    details["name"] = .string(name)
    details["scopes"] = .string(key.scopes)
    if let expiresAt { details["expires_at"] = .integer(expiresAt) }
    try await audit(actor, "key.create", key.id, project: project.id, details)
    return NewKey(key: key, secret: secret, secretAccessKey: signing.secret(of: key.accessKeyID))
  }

  /// A key by its id, or its first or last letters where they name one only.
  package func key(_ text: String) async throws -> APIKey {
    if let key = try await store.key(text) { return key }
    let keys = try await store.keys(of: nil)
    let found = keys.filter {
      $0.name == text || $0.accessKeyID == text || text.count >= 4 && $0.hint.hasSuffix(text)
    }
    guard let first = found.first else { throw Problem(.missing, "there is no key '\(text.prefix(80))'") }
    guard found.count == 1 else {
      throw Problem(
        .invalid,
        "'\(text)' names \(found.count) keys; give the id: \(found.map(\.id).joined(separator: ", "))")
    }
    return first
  }

  package func revoke(_ key: APIKey, by actor: Actor) async throws -> APIKey {
    let entry = AuditEntry(
      projectID: key.projectID, keyID: actor.keyID, requestID: actor.requestID, action: "key.revoke",
      subject: key.id)
    guard let revoked = try await store.revokeKey(key.id, audit: entry) else {
      throw Problem(.missing, "there is no key \(key.id)")
    }
    return revoked
  }

  private func audit(
    _ actor: Actor, _ action: String, _ subject: String, project: String, _ details: JSONObject
  )
    async throws
  {
    try await store.record(
      AuditEntry(
        projectID: project, keyID: actor.keyID, requestID: actor.requestID, action: action, subject: subject,
        details: details.isEmpty ? nil : JSONColumn(.object(details))))
  }
}
