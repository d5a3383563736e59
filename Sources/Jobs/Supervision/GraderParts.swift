internal import Records

/// The graders of a definition, as metrics name them.
struct GraderParts: Sendable {
  struct Part: Sendable, Hashable {
    var name: String
    var type: String
    /// The judge's model, for those that have one.
    var model: String?
  }
  let parts: [Part]

  init(_ definition: JSONValue) {
    func part(_ grader: JSONValue, name: String?) -> Part {
      let type = grader["type"]?.string ?? "unknown"
      return Part(
        name: name ?? grader["name"]?.string ?? type, type: type,
        model: type.hasSuffix("_model") ? grader["model"]?.string : nil)
    }
    if let members = definition["graders"]?.object?.members {
      parts = members.map { part($0.value, name: $0.key) }
    } else {
      parts = [part(definition, name: nil)]
    }
  }

  var hasJudges: Bool { parts.contains { $0.model != nil } }
  func type(of name: String) -> String { parts.first { $0.name == name }?.type ?? "unknown" }
}
