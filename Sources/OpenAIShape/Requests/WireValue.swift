import Records

/// Absent values as JSON's null.
enum WireValue {
  static func text(_ value: String?) -> JSONValue { value.map(JSONValue.string) ?? .null }
  static func number(_ value: Int?) -> JSONValue { value.map(JSONValue.integer) ?? .null }

  /// What a deletion answers.
  static func deleted(_ id: String, object: String) -> JSONValue {
    ["id": .string(id), "object": .string(object), "deleted": true]
  }
}
