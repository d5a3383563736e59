internal import Inference
internal import Records

/// `toolConfig` in the form that chat templates print.
struct ConverseTools {
  var tools: [JSONValue] = []
  var choice: AnswerRequest.ToolChoice = .auto

  /// nil where there is none.
  init?(_ reader: WireReader) {
    guard let config = reader.inside("toolConfig") else { return nil }
    config.rejectOthers(than: ["tools", "toolChoice"])
    var names: [String] = []
    for (path, value) in config.list("tools", count: 1...1000, required: true) ?? [] {
      guard let tool = WireReader.inside(value, at: path, reader.problems) else { continue }
      if tool.has("cachePoint") { continue }
      guard let spec = tool.inside("toolSpec", required: true) else { continue }
      spec.rejectOthers(than: ["name", "description", "inputSchema", "strict"])
      let schema = spec.inside("inputSchema", required: true)?.inside("json", required: true)?.object
      guard let name = spec.string("name", .toolName, required: true), let schema else { continue }
      var function = JSONObject([("name", .string(name))])
      if let description = spec.string("description", .any) { function["description"] = .string(description) }
      function["parameters"] = .object(schema)
      if let strict = spec.bool("strict") { function["strict"] = .bool(strict) }
      if names.contains(name) {
        reader.problems.add(name, at: spec.place("name"), "each tool has its own name")
      }
      names.append(name)
      tools.append(["type": "function", "function": .object(function)])
    }
    guard let wish = config.inside("toolChoice") else { return }
    switch wish.one(of: ["auto", "any", "tool"]) {
    case "any": choice = .required
    case "tool":
      guard let name = wish.inside("tool")?.string("name", .toolName, required: true) else { return }
      if names.contains(name) {
        choice = .function(name)
      } else {
        reader.problems.add(
          name, at: "toolConfig.toolChoice.tool.name", "there is no such tool among the tools")
      }
    default: choice = .auto
    }
  }
}
