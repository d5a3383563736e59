import Cluster
import Records
import Store

/// Models as `/models` shows them: OpenAI's four fields, and those that vLLM's clients read.
enum ModelWire {
  /// A base model, under its name or the alias that was asked for.
  static func base(_ entry: ModelCatalogue.Entry, as name: String, context: Int?, since: UnixTime)
    -> JSONValue
  {
    json(
      id: name, created: since, owner: "operant", root: entry.name, parent: nil, context: context)
  }

  static func tuned(_ model: TunedModel, context: Int?) -> JSONValue {
    json(
      id: model.id, created: model.createdAt, owner: model.projectID, root: model.id, parent: model.base,
      context: context)
  }

  private static func json(
    id: String, created: UnixTime, owner: String, root: String, parent: String?, context: Int?
  ) -> JSONValue {
    [
      "id": .string(id), "object": "model", "created": .integer(created), "owned_by": .string(owner),
      "root": .string(root), "parent": WireValue.text(parent), "max_model_len": WireValue.number(context),
      "permission": [],
    ]
  }
}
