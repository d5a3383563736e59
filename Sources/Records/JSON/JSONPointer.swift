/// The way to a place in a JSON document (RFC 6901), as a reference's fragment writes it: percent-encoded or not.
package struct JSONPointer: Sendable, Hashable {
  /// One member or element on the way.
  package enum Step: Sendable, Hashable {
    case member(String)
    case element(Int)
  }

  package let tokens: [String]

  /// nil for what is neither empty nor begins with a slash.
  package init?(fragment: Substring) {
    guard !fragment.isEmpty else {
      tokens = []
      return
    }
    guard fragment.utf8.first == UInt8(ascii: "/") else { return nil }
    tokens = fragment.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map {
      Self.decoded($0).replacing("~1", with: "/").replacing("~0", with: "~")
    }
  }

  /// The steps that the tokens mean in a document, and the value that they lead to; nil when they lead nowhere.
  package func resolved(in document: JSONValue) -> (steps: [Step], value: JSONValue)? {
    var (steps, value) = ([Step](), document)
    for token in tokens {
      switch value {
      case .object(let object):
        guard let member = object[token] else { return nil }
        steps.append(.member(token))
        value = member
      case .array(let elements):
        guard let index = Int(token), elements.indices.contains(index), String(index) == token else {
          return nil
        }
        steps.append(.element(index))
        value = elements[index]
      default: return nil
      }
    }
    return (steps, value)
  }

  /// A token as a pointer writes it.
  package static func escaped(_ token: String) -> String {
    token.replacing("~", with: "~0").replacing("/", with: "~1")
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
