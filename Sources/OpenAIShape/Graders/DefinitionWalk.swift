import Records

/// Goes through the graders of a definition: the parts of a `multi`, or the definition itself.
enum DefinitionWalk {
  /// Deeper nesting than this is left alone; the compiler refuses it in its own words.
  private static let deepest = 8

  /// The definition with each grader that is no `multi` replaced by what `change` makes of it, and parts in a list
  /// turned into the map that clients of the API read.
  static func map(
    _ definition: JSONValue, path: String, depth: Int = 0,
    _ change: (_ leaf: JSONObject, _ path: String) -> JSONObject
  ) -> JSONValue {
    guard var object = definition.object, depth < deepest else { return definition }
    guard object["type"]?.string == "multi" else { return .object(change(object, path)) }
    switch object["graders"] {
    case .object(let parts):
      object["graders"] = .object(
        JSONObject(
          parts.members.map {
            ($0.key, map($0.value, path: "\(path).graders.\($0.key)", depth: depth + 1, change))
          }))
    case .array(let parts):
      let changed = parts.enumerated().map {
        map($0.element, path: "\(path).graders[\($0.offset)]", depth: depth + 1, change)
      }
      object["graders"] = byName(changed).map(JSONValue.object) ?? .array(changed)
    default: break
    }
    return .object(object)
  }

  /// Parts by name; nil when one has no name, or two have the same.
  private static func byName(_ parts: [JSONValue]) -> JSONObject? {
    var map = JSONObject()
    for part in parts {
      guard let name = part["name"]?.string, map[name] == nil else { return nil }
      map[name] = part
    }
    return map
  }

  /// Every grader that is no `multi`.
  static func leaves(of definition: JSONValue, path: String) -> [(definition: JSONObject, path: String)] {
    var leaves: [(definition: JSONObject, path: String)] = []
    _ = map(definition, path: path) { leaf, path in
      leaves.append((leaf, path))
      return leaf
    }
    return leaves
  }
}
