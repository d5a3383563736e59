import Records

/// A function that a model may call, out of the shape of chat completions.
struct ToolDefinition: Sendable, Hashable {
  let name: String
  /// The schema of its arguments, as text.
  let parameters: String

  init?(_ json: JSONValue) {
    guard let function = json["function"]?.object, let name = function["name"]?.string else { return nil }
    self.name = name
    let schema = function["parameters"]
    parameters =
      schema?.object == nil ? #"{"type":"object","properties":{}}"# : schema?.serialised() ?? "{}"
  }

  /// A call of this function, as a model of the family would write it.
  func call(_ syntax: ToolCallSyntax) -> ResponseConstraint {
    let quoted = JSONValue.string(name).serialised()
    let head = "{\"name\": \(quoted), \"\(syntax.argumentsKey)\": "
    let isTagged = syntax != .llama
    return .sequence([
      .text((isTagged ? "<tool_call>\n" : "") + head), .schema(parameters),
      .text("}" + (isTagged ? "\n</tool_call>" : "")),
    ])
  }
}
