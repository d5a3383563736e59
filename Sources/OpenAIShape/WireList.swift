package import Records

/// OpenAI's lists: the items, and whether there are more behind them.
package enum WireList {
  package static func json(_ items: [JSONValue], hasMore: Bool) -> JSONValue {
    var list = JSONObject()
    list["object"] = .string("list")
    list["data"] = .array(items)
    list["first_id"] = items.first?.object?["id"] ?? .null
    list["last_id"] = items.last?.object?["id"] ?? .null
    list["has_more"] = .bool(hasMore)
    return .object(list)
  }
}
