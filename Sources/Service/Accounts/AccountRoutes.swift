package import Gateway
internal import HTTPTypes
package import Hummingbird
internal import Records
internal import Store

/// Projects, keys and the audit log over the network, in the shape of OpenAI's administration API where that has one.
/// Every route wants a key with the scope `admin`.
package struct AccountRoutes: Sendable {
  private let accounts: Accounts
  private let authenticator: Authenticator
  private var store: Store { accounts.store }

  package init(accounts: Accounts, authenticator: Authenticator) {
    self.accounts = accounts
    self.authenticator = authenticator
  }

  package func addRoutes(to router: Router<APIContext>) {
    let group = router.group("/v1/organization")
    group.get("projects") { request, context in try await listProjects(request, context) }
    group.post("projects") { request, context in try await createProject(request, context) }
    group.get("projects/{project_id}") { _, context in
      Response.json(AccountWire.json(try await project(context)))
    }
    group.post("projects/{project_id}") { request, context in try await changeProject(request, context) }
    group.post("projects/{project_id}/archive") { _, context in
      let (project, actor) = (try await project(context), try actor(context))
      return try await told {
        let archived = try await accounts.archive(project, by: actor)
        authenticator.forget()
        return Response.json(AccountWire.json(archived))
      }
    }
    group.get("projects/{project_id}/api_keys") { _, context in
      let keys = try await store.keys(of: try await project(context).id)
      return Response.json(AccountWire.list(keys.map(AccountWire.json)))
    }
    group.post("projects/{project_id}/api_keys") { request, context in try await createKey(request, context) }
    group.get("projects/{project_id}/api_keys/{key_id}") { _, context in
      Response.json(AccountWire.json(try await key(context)))
    }
    group.delete("projects/{project_id}/api_keys/{key_id}") { _, context in
      let key = try await accounts.revoke(try await key(context), by: try actor(context))
      authenticator.forget()
      return Response.json([
        "object": "organization.project.api_key.deleted", "id": .string(key.id), "deleted": true,
      ])
    }
    group.get("audit_logs") { request, context in try await listAudit(request, context) }
  }

  // MARK: Projects

  private func listProjects(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try context.caller(for: .admin)
    let all = request.uri.queryParameters["include_archived"] == "true"
    let projects = try await store.projects().filter { all || $0.archivedAt == nil }
    return Response.json(AccountWire.list(projects.map(AccountWire.json)))
  }

  private func createProject(_ request: Request, _ context: APIContext) async throws -> Response {
    let actor = try actor(context)
    var fields = BodyFields(try await request.jsonObject(limit: 64 << 10))
    let name = try fields.text("name")
    let quota = try fields.quota()
    try fields.finish()
    guard let name else { throw APIFailure(.invalid, "a project needs a name", param: "name") }
    return try await told {
      let project = try await accounts.createProject(name, by: actor)
      return Response.json(AccountWire.json(try await accounts.setQuota(project, quota, by: actor)))
    }
  }

  private func changeProject(_ request: Request, _ context: APIContext) async throws -> Response {
    var project = try await project(context)
    let actor = try actor(context)
    var fields = BodyFields(try await request.jsonObject(limit: 64 << 10))
    let name = try fields.text("name")
    let quota = try fields.quota()
    try fields.finish()
    return try await told {
      if let name, name != project.name {
        project = try await accounts.rename(project, to: name, by: actor)
      }
      project = try await accounts.setQuota(project, quota, by: actor)
      authenticator.forget()
      return Response.json(AccountWire.json(project))
    }
  }

  private func project(_ context: APIContext) async throws -> Project {
    _ = try context.caller(for: .admin)
    let id = try context.parameters.require("project_id")
    guard let project = try await store.project(id) else {
      throw APIFailure(.missing, "there is no project \(id.prefix(80))", param: "project_id")
    }
    return project
  }

  // MARK: Keys

  private func createKey(_ request: Request, _ context: APIContext) async throws -> Response {
    let project = try await project(context)
    let actor = try actor(context)
    var fields = BodyFields(try await request.jsonObject(limit: 64 << 10))
    let name = try fields.text("name") ?? "key"
    let scopes = try fields.scopes("scopes") ?? [.read, .write, .inference]
    let lifetime = try fields.integer("expires_in_seconds", from: 1)
    let perMinute = try fields.integer("requests_per_minute", from: 1)
    try fields.finish()
    return try await told {
      let made = try await accounts.createKey(
        in: project, name: name, scopes: scopes, lifetime: lifetime, requestsPerMinute: perMinute, by: actor)
      var object = AccountWire.json(made.key).object ?? JSONObject()
      object["value"] = .string(made.secret)
      object["secret_access_key"] = .string(made.secretAccessKey)
      return .json(.object(object))
    }
  }

  private func key(_ context: APIContext) async throws -> APIKey {
    let project = try await project(context)
    let id = try context.parameters.require("key_id")
    guard let key = try await store.key(id), key.projectID == project.id else {
      throw APIFailure(
        .missing, "there is no key \(id.prefix(80)) in the project \(project.id)", param: "key_id")
    }
    return key
  }

  // MARK: Audit

  private func listAudit(_ request: Request, _ context: APIContext) async throws -> Response {
    _ = try context.caller(for: .admin)
    let query = request.uri.queryParameters
    var limit = 20
    if let text = query["limit"] {
      guard let number = Int(text), (1...100).contains(number) else {
        throw APIFailure(
          .invalid, "limit must be a whole number from 1 to 100, got '\(text.prefix(40))'", param: "limit")
      }
      limit = number
    }
    var before: Int64?
    if let text = query["after"] {
      guard text.hasPrefix("audit_"), let number = Int64(text.dropFirst(6)) else {
        throw APIFailure(
          .invalid, "after must be the id of an entry, got '\(text.prefix(40))'", param: "after")
      }
      before = number
    }
    let project = query["project_id"].map(String.init)
    let entries = try await store.audit(projectID: project, limit: limit + 1, before: before)
    return .json(
      AccountWire.list(entries.prefix(limit).map(AccountWire.json), hasMore: entries.count > limit))
  }

  // MARK: Words

  private func actor(_ context: APIContext) throws -> Accounts.Actor {
    let caller = try context.caller(for: .admin)
    return Accounts.Actor(keyID: caller.key?.id, requestID: context.requestID)
  }

  /// Problems in the words of the gateway.
  private func told(_ body: () async throws -> Response) async throws -> Response {
    do { return try await body() } catch let problem as Accounts.Problem {
      let kind: APIFailure.Kind =
        switch problem.kind {
        case .missing: .missing
        case .invalid: .invalid
        case .conflict: .conflict
        }
      throw APIFailure(kind, problem.description)
    }
  }
}
