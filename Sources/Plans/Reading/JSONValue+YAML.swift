package import Records
package import Yams

extension JSONValue {
  /// A YAML tree as JSON, by YAML 1.2's core schema: `yes`, `no`, `on` and `off` stay texts.
  ///
  /// - Throws: `ShapeError` for keys that are not texts, and for a tree of more than `limit` nodes, which
  ///   only repeated aliases can make.
  package init(yaml node: Node, limit: Int = 100_000) throws(ShapeError) {
    var left = limit
    self = try Self.convert(node, path: "", left: &left)
  }

  private static func convert(_ node: Node, path: String, left: inout Int) throws(ShapeError) -> JSONValue {
    left -= 1
    if left < 0 {
      throw ShapeError(path: path, message: "the definition has too many nodes; aliases repeat them")
    }
    switch node {
    case .scalar(let scalar): return JSONValue(yaml: scalar)
    case .mapping(let mapping):
      var object = JSONObject()
      for (key, value) in mapping {
        guard let name = key.scalar?.string else {
          throw ShapeError(path: path, message: "a list or a section stands as a key; expected a text")
        }
        if YAMLDocument.isMarked(name) { continue }
        object[name] = try convert(value, path: path.isEmpty ? name : "\(path).\(name)", left: &left)
      }
      return .object(object)
    case .sequence(let sequence):
      var elements: [JSONValue] = []
      for (index, value) in sequence.enumerated() {
        elements.append(try convert(value, path: "\(path)[\(index)]", left: &left))
      }
      return .array(elements)
    case .alias:
      throw ShapeError(path: path, message: "an alias has no anchor before it")
    }
  }

  /// A scalar as JSON: quoted ones are texts, plain ones what they look like.
  package init(yaml scalar: Node.Scalar) {
    let text = scalar.string
    guard scalar.style == .plain || scalar.style == .any else {
      self = .string(text)
      return
    }
    switch text {
    case "", "~", "null", "Null", "NULL": self = .null
    case "true", "True", "TRUE": self = .bool(true)
    case "false", "False", "FALSE": self = .bool(false)
    default: self = Self.number(text) ?? .string(text)
    }
  }

  /// `12`, `1_000`, `-0.5`, `1e-4`, `.5`; nil for anything else, infinities and `0x1F` included.
  private static func number(_ text: String) -> JSONValue? {
    let bytes = text.utf8
    guard let first = bytes.first, bytes.count <= 64,
      (0x30...0x39).contains(first) || first == 0x2D || first == 0x2B || first == 0x2E,
      bytes.allSatisfy({
        (0x30...0x39).contains($0) || [0x2D, 0x2B, 0x2E, 0x5F, 0x65, 0x45].contains($0)
      }), first != 0x5F
    else { return nil }
    let digits = text.replacing("_", with: "")
    if let integer = Int(digits) { return .integer(integer) }
    guard let double = Double(digits), double.isFinite else { return nil }
    return .number(double)
  }
}
