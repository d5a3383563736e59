extension JSONValue {
  /// The same value in one fixed spelling: keys sorted, whole numbers as integers. Two values that mean the same
  /// then serialise alike, for hashes and versions.
  package var canonical: JSONValue {
    switch self {
    case .number(let value): Int(exactly: value).map(JSONValue.integer) ?? self
    case .array(let elements): .array(elements.map(\.canonical))
    case .object(let object):
      .object(JSONObject(object.members.sorted { $0.key < $1.key }.map { ($0.key, $0.value.canonical) }))
    case .null, .bool, .integer, .string: self
    }
  }
}
