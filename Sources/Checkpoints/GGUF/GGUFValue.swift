/// A value of a GGUF file's metadata.
package enum GGUFValue: Sendable, Hashable {
  case bool(Bool)
  case integer(Int64)
  case unsigned(UInt64)
  case float(Double)
  case string(String)
  case integers([Int64])
  case floats([Double])
  case strings([String])
  case array([GGUFValue])
}

extension GGUFValue {
  /// The whole number, when this is one that fits.
  package var int: Int? {
    switch self {
    case .integer(let value): Int(exactly: value)
    case .unsigned(let value): Int(exactly: value)
    default: nil
    }
  }
  /// The number, when this is one.
  package var double: Double? {
    switch self {
    case .float(let value): value
    case .integer(let value): Double(value)
    case .unsigned(let value): Double(value)
    default: nil
    }
  }
  /// The text, when this is one.
  package var string: String? { if case .string(let value) = self { value } else { nil } }
  /// The truth value, when this is one.
  package var bool: Bool? { if case .bool(let value) = self { value } else { nil } }
  /// The texts, when this is a list of them.
  package var strings: [String]? { if case .strings(let value) = self { value } else { nil } }
  /// The whole numbers, when this is a list of them.
  package var integers: [Int64]? { if case .integers(let value) = self { value } else { nil } }
}
