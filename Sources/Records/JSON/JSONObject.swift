/// The members of a JSON object in the order they were written; a repeated key keeps its last value.
public struct JSONObject: Sendable, Hashable {
  /// The keys, in order.
  public private(set) var keys: [String] = []
  private var values: [String: JSONValue] = [:]

  /// An object without members.
  public init() {}

  /// An object with these members, in this order.
  public init(_ members: some Sequence<(String, JSONValue)>) {
    for (key, value) in members { self[key] = value }
  }

  /// The value of a key; setting nil removes the member.
  public subscript(key: String) -> JSONValue? {
    get { values[key] }
    set {
      if let newValue {
        if values.updateValue(newValue, forKey: key) == nil { keys.append(key) }
      } else if values.removeValue(forKey: key) != nil {
        keys.removeAll { $0 == key }
      }
    }
  }

  /// How many members there are.
  public var count: Int { keys.count }
  /// Whether there are none.
  public var isEmpty: Bool { keys.isEmpty }
  /// Key and value of every member, in order.
  public var members: [(key: String, value: JSONValue)] { keys.map { ($0, values[$0]!) } }

  /// Equal when the members are, whatever their order.
  public static func == (a: JSONObject, b: JSONObject) -> Bool { a.values == b.values }
  /// Objects that are equal hash alike, whatever the order of their members.
  public func hash(into hasher: inout Hasher) { hasher.combine(values) }
}
