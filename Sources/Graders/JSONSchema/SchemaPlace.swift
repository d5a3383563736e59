import Records

/// A place inside a schema document.
struct SchemaPlace: Sendable, Hashable {
  var steps: [JSONPointer.Step] = []

  func member(_ key: String) -> SchemaPlace { SchemaPlace(steps: steps + [.member(key)]) }
  func element(_ index: Int) -> SchemaPlace { SchemaPlace(steps: steps + [.element(index)]) }

  /// The place behind a JSON pointer (RFC 6901, percent-encoded or not) and the value there; nil when there is none.
  static func find(_ pointer: Substring, in document: JSONValue) -> (place: SchemaPlace, value: JSONValue)? {
    guard let found = JSONPointer(fragment: pointer)?.resolved(in: document) else { return nil }
    return (SchemaPlace(steps: found.steps), found.value)
  }

  /// As diagnostics write it, after the path of the document.
  func path(below base: String) -> String {
    steps.reduce(into: base) { path, step in
      switch step {
      case .member(let key): path += path.isEmpty ? key : ".\(key)"
      case .element(let index): path += "[\(index)]"
      }
    }
  }
}
