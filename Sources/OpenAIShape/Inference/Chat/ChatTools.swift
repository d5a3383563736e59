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

  static func choice(_ reader: FieldReader, _ tools: [JSONValue]) -> AnswerRequest.ToolChoice {
    guard let value = reader.value("tool_choice") else { return .auto }
    switch value {
    case "none": return .none
    case "auto": return .auto
    case "required": return .required
    case .object(let object) where object["type"] == "function":
      // Chat completions wrap the name, responses do not.
      if let name = object["function"]?["name"]?.string ?? object["name"]?.string { return .function(name) }
      reader.error("tool_choice.function.name", "is missing")
    default:
      reader.error(
        "tool_choice",
        "expected none, auto, required or {\"type\": \"function\", \"function\": {\"name\": ...}}, got "
          + value.serialised().prefix(80))
    }
    return .auto
  }
}
