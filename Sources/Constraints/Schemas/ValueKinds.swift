import Records

/// Kinds of JSON values. A number is a whole one or a fraction, so that `integer` is a part of `number`.
struct ValueKinds: OptionSet, Sendable, Hashable {
  let rawValue: UInt8

  static let null = ValueKinds(rawValue: 1)
  static let boolean = ValueKinds(rawValue: 2)
  static let integer = ValueKinds(rawValue: 4)
  static let fraction = ValueKinds(rawValue: 8)
  static let string = ValueKinds(rawValue: 16)
  static let array = ValueKinds(rawValue: 32)
  static let object = ValueKinds(rawValue: 64)

  static let number: ValueKinds = [.integer, .fraction]
  static let all = ValueKinds(rawValue: 127)

  static let words: [(word: String, kinds: ValueKinds)] = [
    ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", .number), ("string", .string),
    ("array", .array), ("object", .object),
  ]

  init(rawValue: UInt8) { self.rawValue = rawValue }

  /// A word of `type`.
  init?(word: String) {
    guard let entry = Self.words.first(where: { $0.word == word }) else { return nil }
    self = entry.kinds
  }

  /// 1.0 is a whole number, as the draft says.
  init(of value: JSONValue) {
    switch value {
    case .null: self = .null
    case .bool: self = .boolean
    case .integer: self = .integer
    case .number(let value): self = value.rounded() == value ? .integer : .fraction
    case .string: self = .string
    case .array: self = .array
    case .object: self = .object
    }
  }
}
