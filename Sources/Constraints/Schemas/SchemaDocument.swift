import Records

/// A schema document and the places in it that references name.
struct SchemaDocument: Sendable {
  let root: JSONValue

  static func pointer(_ base: String, _ key: String) -> String {
    let token = key.replacing("~", with: "~0").replacing("/", with: "~1")
    return "\(base)/\(token)"
  }

  /// The place that a reference such as `#/$defs/name` or `#anchor` names; nil when there is none.
  func find(_ reference: String) -> (pointer: String, value: JSONValue)? {
    let pointer = reference.dropFirst()
    if pointer.isEmpty { return ("#", root) }
    guard pointer.hasPrefix("/") else { return anchored(String(pointer)) }
    var found = (pointer: "#", value: root)
    for token in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      let key = Self.decoded(token).replacing("~1", with: "/").replacing("~0", with: "~")
      switch found.value {
      case .object(let object):
        guard let value = object[key] else { return nil }
        found = (Self.pointer(found.pointer, key), value)
      case .array(let elements):
        guard let index = Int(key), elements.indices.contains(index), String(index) == key else { return nil }
        found = (Self.pointer(found.pointer, key), elements[index])
      default: return nil
      }
    }
    return found
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

  /// The text with `%41` as `A`; as it was when that is no UTF-8.
  private static func decoded(_ token: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = Array(token.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let value = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(value)
        rest.removeFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(validating: bytes, as: UTF8.self) ?? String(token)
  }
}
