import Cluster
import Gateway
import Hummingbird
import Records
import Store

/// `/models`: bases, tuned models and checkpoints.
struct ModelRoutes: Sendable {
  let models: ServedModels
  /// Since when the bases are offered.
  let since: UnixTime

  func add(to group: RouterGroup<APIContext>) {
    group.get("models", use: list)
    group.get("models/**", use: retrieve)
    group.delete("models/**", use: delete)
  }

  /// A key that may only ask models has to know which there are.
  private func reader(_ context: APIContext) throws -> Caller {
    do {
      return try context.caller(for: .read)
    } catch let failure as APIFailure where failure.kind == .forbidden {
      return try context.caller(for: .inference)
    }
  }

  @Sendable private func list(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try reader(context)
    let tuned = try await models.store.models(projectID: caller.project.id)
    var contexts: [String: Int] = [:]
    for base in Set(models.baseNames + tuned.map(\.base)) {
      contexts[base] = await models.contextLength(of: base)
    }
    let bases = models.catalogue.entries.map {
      ModelWire.base($0, as: $0.name, context: contexts[$0.name], since: since)
    }
    let all = bases + tuned.map { ModelWire.tuned($0, context: contexts[$0.base]) }
    return .json(["object": "list", "data": .array(all)])
  }

  @Sendable private func retrieve(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try reader(context)
    let name = try context.restOfPath()
    switch try await models.find(name, for: caller.project) {
    case .base(let entry):
      let context = await models.contextLength(of: entry.name)
      return .json(ModelWire.base(entry, as: name, context: context, since: since))
    case .tuned(let model):
      return .json(ModelWire.tuned(model, context: await models.contextLength(of: model.base)))
    case nil: throw Self.missing(name)
    }
  }

  @Sendable private func delete(_ request: Request, _ context: APIContext) async throws -> Response {
    let caller = try context.caller(for: .write)
    let name = try context.restOfPath()
    switch try await models.find(name, for: caller.project) {
    case .base:
      throw APIFailure(
        .forbidden, "the model '\(name)' belongs to the service; only tuned models can be deleted",
        param: "model")
    case .tuned(let model) where model.projectID != caller.project.id:
      throw APIFailure(
        .forbidden, "the model '\(name)' belongs to another project, which lets this one ask it",
        param: "model")
    case .tuned:
      guard try await models.store.deleteModel(name, projectID: caller.project.id) else {
        throw Self.missing(name)
      }
      try await models.store.audit(caller, context, "model.delete", name)
      return .json(WireValue.deleted(name, object: "model"))
    case nil: throw Self.missing(name)
    }
  }

  private static func missing(_ name: String) -> APIFailure {
    APIFailure(
      .missing, "The model '\(name.prefix(300))' does not exist or you do not have access to it.",
      param: "model", code: "model_not_found")
  }
}
