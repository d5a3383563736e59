import Records

/// A place inside a schema document.
struct SchemaPlace: Sendable, Hashable {
  enum Step: Sendable, Hashable {
    case member(String)
    case element(Int)
  }
  var steps: [Step] = []

  func member(_ key: String) -> SchemaPlace { SchemaPlace(steps: steps + [.member(key)]) }
  func element(_ index: Int) -> SchemaPlace { SchemaPlace(steps: steps + [.element(index)]) }

  /// The place behind a JSON pointer (RFC 6901, percent-encoded or not) and the value there; nil when there is none.
  static func find(_ pointer: Substring, in document: JSONValue) -> (place: SchemaPlace, value: JSONValue)? {
    var found = (place: SchemaPlace(), value: document)
    if pointer.isEmpty { return found }
    guard pointer.utf8.first == UInt8(ascii: "/") else { return nil }
    for token in pointer.dropFirst().split(separator: "/", omittingEmptySubsequences: false) {
      let key = decoded(token).replacing("~1", with: "/").replacing("~0", with: "~")
      switch found.value {
      case .object(let object):
        guard let value = object[key] else { return nil }
        found = (found.place.member(key), value)
      case .array(let elements):
        guard let index = Int(key), elements.indices.contains(index), String(index) == key else { return nil }
        found = (found.place.element(index), elements[index])
      default: return nil
      }
    }
    return found
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
