import Records

/// A schema document and the places in it that references name.
struct SchemaDocument: Sendable {
  let root: JSONValue

  static func pointer(_ base: String, _ key: String) -> String { "\(base)/\(JSONPointer.escaped(key))" }

  /// The place that a reference such as `#/$defs/name` or `#anchor` names; nil when there is none.
  func find(_ reference: String) -> (pointer: String, value: JSONValue)? {
    let fragment = reference.dropFirst()
    guard let pointer = JSONPointer(fragment: fragment) else { return anchored(String(fragment)) }
    guard let found = pointer.resolved(in: root) else { return nil }
    return (pointer.tokens.reduce("#") { Self.pointer($0, $1) }, found.value)
  }

  private func anchored(_ name: String) -> (pointer: String, value: JSONValue)? {
    var work = [(pointer: "#", value: root)]
    while let place = work.popLast() {
      switch place.value {
      case .object(let object):
        if object["$anchor"]?.string == name { return place }
        for (key, value) in object.members.reversed() {
          work.append((Self.pointer(place.pointer, key), value))
        }
      case .array(let elements):
        for (index, value) in elements.enumerated().reversed() {
          work.append((Self.pointer(place.pointer, String(index)), value))
        }
      default: break
      }
    }
    return nil
  }
}
