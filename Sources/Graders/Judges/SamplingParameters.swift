import Records

/// OpenAI's `sampling_params` of a model grader, under their own names, and how a chat completion spells them.
struct SamplingParameters: Sendable, Hashable {
  private enum Effort: String, CaseIterable {
    case none, minimal, low, medium, high, xhigh
  }
  /// Fields of the request, in a fixed order.
  let fields: [(String, JSONValue)]

  init(_ reader: DefinitionReader) {
    guard let value = reader.object["sampling_params"], value != .null else {
      fields = []
      return
    }
    guard let object = value.object else {
      reader.error("sampling_params", "expected an object, found \(value.kind)")
      fields = []
      return
    }
    // null is how generated definitions leave a field out.
    let given = JSONObject(object.members.filter { $0.value != .null }.map { ($0.key, $0.value) })
    let inside = reader.inside(given, path: reader.path(of: "sampling_params"))
    inside.rejectKeys(
      besides: ["seed", "temperature", "top_p", "max_completions_tokens", "reasoning_effort"],
      of: "sampling_params")
    var fields: [(String, JSONValue)] = []
    if let seed = given["seed"] {
      if seed.integer == nil { inside.error("seed", "expected a whole number, found \(seed.kind)") }
      fields.append(("seed", seed))
    }
    if let temperature = inside.number("temperature") {
      if temperature > 2 { inside.error("temperature", "is \(temperature.brief); expected 0 to 2") }
      fields.append(("temperature", .number(temperature)))
    }
    if let share = inside.number("top_p", excludingLowest: true) {
      if share > 1 { inside.error("top_p", "is \(share.brief); expected a number above 0, at most 1") }
      fields.append(("top_p", .number(share)))
    }
    if let tokens = inside.count("max_completions_tokens") {
      if tokens == 0 { inside.error("max_completions_tokens", "is 0; a judge needs tokens to answer") }
      // The graders' field has an s too many; the request's has not.
      fields.append(("max_completion_tokens", .integer(tokens)))
    }
    if given["reasoning_effort"] != nil, let effort: Effort = inside.choice("reasoning_effort", default: nil)
    {
      fields.append(("reasoning_effort", .string(effort.rawValue)))
    }
    self.fields = fields
  }

  static func == (a: Self, b: Self) -> Bool { a.json == b.json }
  func hash(into hasher: inout Hasher) { hasher.combine(json) }
  private var json: JSONObject { JSONObject(fields) }
}
