import Inference
import Records

/// Reads the tools of a conversation and which of them may be called.
enum ChatTools {
  static func read(_ reader: FieldReader) -> [JSONValue] {
    guard let list = reader.array("tools", "a list of tools") else { return [] }
    var tools: [JSONValue] = []
    for (place, tool) in list.enumerated() {
      let path = "tools[\(place)]"
      guard tool["type"]?.string == "function" else {
        reader.error("\(path).type", "expected function; other tools are not served here")
        continue
      }
      if check(tool["function"], reader, "\(path).function") { tools.append(tool) }
    }
    return tools
  }

  /// Whether a function is whole; reports what is wrong with it.
  static func check(_ function: JSONValue?, _ reader: FieldReader, _ path: String) -> Bool {
    guard let object = function?.object else {
      reader.error(path, "expected an object with a name, got \(function?.kind ?? "none")")
      return false
    }
    guard let name = object["name"]?.string, !name.isEmpty else {
      reader.error("\(path).name", "expected a name, got \(object["name"]?.kind ?? "none")")
      return false
    }
    if let parameters = object["parameters"], parameters != .null, parameters.object == nil {
      reader.error("\(path).parameters", "expected a JSON schema, got \(parameters.kind)")
      return false
    }
    return true
  }

  /// What may be called, and the tools that there are then: those that are not allowed are not told to the model.
  static func choice(_ reader: FieldReader, _ tools: [JSONValue]) -> (AnswerRequest.ToolChoice, [JSONValue]) {
    guard let value = reader.value("tool_choice") else { return (.auto, tools) }
    switch value {
    case "none": return (.none, tools)
    case "auto": return (.auto, tools)
    case "required": return (.required, tools)
    case .object(let object) where object["type"] == "function":
      // Chat completions wrap the name, responses do not.
      if let name = name(of: value) { return (.function(name), tools) }
      reader.error("tool_choice.function.name", "is missing")
    case .object(let object) where object["type"] == "allowed_tools":
      let inside = reader.inside("tool_choice", object)
      let holder = inside.object("allowed_tools", "an object").map { inside.inside("allowed_tools", $0) }
      return allowed(holder ?? inside, tools)
    default:
      reader.error(
        "tool_choice",
        "expected none, auto, required, {\"type\": \"function\", \"function\": {\"name\": ...}} or allowed_tools, got "
          + value.serialised().prefix(80))
    }
    return (.auto, tools)
  }

  private static func allowed(_ reader: FieldReader, _ tools: [JSONValue]) -> (
    AnswerRequest.ToolChoice, [JSONValue]
  ) {
    let mode = reader.requiredString("mode", "auto or required")
    if let mode, mode != "auto", mode != "required" {
      reader.error("mode", "is '\(mode.prefix(40))'; expected auto or required")
    }
    let list = reader.array("tools", "a list of functions") ?? []
    if list.isEmpty { reader.error("tools", "names no function; expected those that may be called") }
    var names: Set<String> = []
    for (place, element) in list.enumerated() {
      guard let name = name(of: element), tools.contains(where: { Self.name(of: $0) == name }) else {
        reader.error("tools[\(place)]", "is none of the request's tools")
        continue
      }
      names.insert(name)
    }
    return (
      mode == "required" ? .required : .auto, tools.filter { Self.name(of: $0).map(names.contains) ?? false }
    )
  }

  private static func name(of tool: JSONValue) -> String? {
    tool["function"]?["name"]?.string ?? tool["name"]?.string
  }
}
