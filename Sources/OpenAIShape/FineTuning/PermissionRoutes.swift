import Foundation
import Gateway
import Hummingbird
import Records
import Store

/// `/fine_tuning/checkpoints/{model}/permissions`: which other projects may ask a checkpoint. The model's name stands in
/// the path as it is, with colons and perhaps slashes.
struct PermissionRoutes: Sendable {
  let store: Store

  func add(to group: RouterGroup<APIContext>) {
    group.post("fine_tuning/checkpoints/**", use: create)
    group.get("fine_tuning/checkpoints/**", use: list)
    group.delete("fine_tuning/checkpoints/**", use: delete)
  }

  @Sendable private func create(_ request: Request, _ context: APIContext) async throws -> Response {
    let (model, caller) = try await checkpoint(Self.list(context), context, for: .write)
    let problems = RequestProblems()
    let reader = FieldReader(try await request.jsonObject(limit: 1 << 20), problems: problems)
    let given = reader.array("project_ids", "a list of project ids")
    if reader.value("project_ids") == nil {
      reader.error("project_ids", "is missing; expected a list of project ids")
    } else if given?.isEmpty == true || (given?.count ?? 0) > 1000 {
      reader.error("project_ids", "must list 1 to 1000 projects")
    }
    var projects: [String] = []
    for (index, value) in (given ?? []).prefix(1000).enumerated() {
      guard let id = value.string, try await store.project(id) != nil else {
        reader.error("project_ids[\(index)]", "is no project of this service")
        continue
      }
      projects.append(id)
    }
    try problems.check()
    let permissions = try await store.permit(model: model, projectIDs: projects)
    for id in projects { try await store.audit(caller, context, "permission.create", "\(model) \(id)") }
    // The client reads this answer as the page of a list.
    return .json(WireList.json(permissions.map(\.wire), hasMore: false))
  }

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let (model, _) = try await checkpoint(Self.list(context), context, for: .read)
    let query = try RequestQuery(request)
    let page = try await query.page(limit: 10, highest: 1000).read { page throws(StoreError) in
      try await store.permissions(model: model, projectID: query["project_id"], page)
    }
    return .json(WireList.json(page.items.map(\.wire), hasMore: page.hasMore))
  }

  @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
    let path = try context.restOfPath()
    guard let cut = path.range(of: "/permissions/", options: .backwards) else { throw Self.unknown(path) }
    let id = String(path[cut.upperBound...])
    let (model, caller) = try await checkpoint(String(path[..<cut.lowerBound]), context, for: .write)
    guard try await store.deletePermission(id, model: model) else {
      throw APIFailure(.missing, "Could not find permission: \(id.prefix(200))", param: "permission_id")
    }
    try await store.audit(caller, context, "permission.delete", id)
    return .json(WireValue.deleted(id, object: "checkpoint.permission"))
  }

  /// The model in a path that ends in `/permissions`.
  private static func list(_ context: APIContext) throws -> String {
    let path = try context.restOfPath()
    guard path.hasSuffix("/permissions") else { throw unknown(path) }
    return String(path.dropLast("/permissions".count))
  }

  /// A checkpoint of the caller's own.
  private func checkpoint(_ model: String, _ context: APIContext, for scope: KeyScope) async throws -> (
    model: String, caller: Caller
  ) {
    let caller = try context.caller(for: scope)
    guard let checkpoint = try await store.checkpoint(model: model),
      try await store.job(checkpoint.jobID, projectID: caller.project.id) != nil
    else {
      throw APIFailure(
        .missing, "Could not find checkpoint: \(model.prefix(300))",
        param: "fine_tuned_model_checkpoint", code: "checkpoint_not_found")
    }
    return (model, caller)
  }

  private static func unknown(_ path: String) -> APIFailure {
    APIFailure(
      .missing,
      "there is nothing at checkpoints/\(path.prefix(300)); expected .../{checkpoint}/permissions")
  }
}
