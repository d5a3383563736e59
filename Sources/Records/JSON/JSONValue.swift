/// A JSON document as a value, with the key order of objects and the difference between 1 and 1.0 kept.
///
/// Foundation's coders lose both, and both are visible to users: a chat template prints tools in the order
/// they were written, and a grader's template prints `item.answer` as the row had it.
public enum JSONValue: Sendable, Hashable {
  case null
  case bool(Bool)
  case integer(Int)
  case number(Double)
  case string(String)
  case array([JSONValue])
  case object(JSONObject)
}

extension JSONValue {
  /// The text, when this is a string.
  public var string: String? { if case .string(let value) = self { value } else { nil } }
  /// The truth value, when this is a boolean.
  public var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The elements, when this is an array.
  public var array: [JSONValue]? { if case .array(let value) = self { value } else { nil } }
  /// The members, when this is an object.
  public var object: JSONObject? { if case .object(let value) = self { value } else { nil } }
  /// The whole number, when this is one (`3` or `3.0`).
  public var integer: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }
  /// The number, when this is one.
  public var double: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The member of an object, or nil.
  public subscript(key: String) -> JSONValue? { object?[key] }

  /// What kind of value this is, in the words of an error message: "a string", "an object".
  public var kind: String {
    switch self {
    case .null: "null"
    case .bool: "a boolean"
    case .integer, .number: "a number"
    case .string: "a string"
    case .array: "a list"
    case .object: "an object"
    }
  }
}

extension JSONValue: ExpressibleByStringLiteral, ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral,
  ExpressibleByBooleanLiteral, ExpressibleByNilLiteral, ExpressibleByArrayLiteral,
  ExpressibleByDictionaryLiteral
{
  /// A literal stands for the JSON value it looks like.
  public init(stringLiteral value: String) { self = .string(value) }
  /// A literal stands for the JSON value it looks like.
  public init(integerLiteral value: Int) { self = .integer(value) }
  /// A literal stands for the JSON value it looks like.
  public init(floatLiteral value: Double) { self = .number(value) }
  /// A literal stands for the JSON value it looks like.
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  /// A literal stands for the JSON value it looks like.
  public init(nilLiteral: ()) { self = .null }
  /// A literal stands for the JSON value it looks like.
  public init(arrayLiteral elements: JSONValue...) { self = .array(elements) }
  /// A literal stands for the JSON value it looks like.
  public init(dictionaryLiteral elements: (String, JSONValue)...) {
    self = .object(JSONObject(elements))
  }
}
