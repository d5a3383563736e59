/// The kinds of a GGUF metadata value; raw values are the format's.
enum GGUFValueType: UInt32 {
  case uint8, int8, uint16, int16, uint32, int32, float32, bool, string, array, uint64, int64, float64

  /// The fewest bytes that one value takes.
  var bytes: Int {
    switch self {
    case .uint8, .int8, .bool: 1
    case .uint16, .int16: 2
    case .uint32, .int32, .float32: 4
    case .string, .uint64, .int64, .float64: 8
    case .array: 12
    }
  }
}

extension GGUFCursor {
  /// A value with its type in front.
  mutating func value() throws(ModelFileError) -> GGUFValue {
    try value(of: valueType(), depth: 0)
  }

  private mutating func valueType() throws(ModelFileError) -> GGUFValueType {
    let code = try integer(UInt32.self, "a value's type")
    guard let type = GGUFValueType(rawValue: code) else {
      throw failure(.malformed, "\(code) is not a GGUF value type; expected 0 to 12")
    }
    return type
  }

  private mutating func value(of type: GGUFValueType, depth: Int) throws(ModelFileError) -> GGUFValue {
    switch type {
    case .uint8: .integer(Int64(try integer(UInt8.self, "a value")))
    case .int8: .integer(Int64(try integer(Int8.self, "a value")))
    case .uint16: .integer(Int64(try integer(UInt16.self, "a value")))
    case .int16: .integer(Int64(try integer(Int16.self, "a value")))
    case .uint32: .integer(Int64(try integer(UInt32.self, "a value")))
    case .int32: .integer(Int64(try integer(Int32.self, "a value")))
    case .int64: .integer(try integer(Int64.self, "a value"))
    case .uint64: .unsigned(try integer(UInt64.self, "a value"))
    case .float32: .float(Double(Float(bitPattern: try integer(UInt32.self, "a value"))))
    case .float64: .float(Double(bitPattern: try integer(UInt64.self, "a value")))
    case .bool: .bool(try integer(UInt8.self, "a value") != 0)
    case .string: .string(try string("a text"))
    case .array: try array(depth: depth + 1)
    }
  }

  private mutating func array(depth: Int) throws(ModelFileError) -> GGUFValue {
    guard depth <= 4 else { throw failure(.malformed, "lists are nested deeper than 4 levels") }
    let type = try valueType()
    let count = try count(elementBytes: type.bytes, "the length of a list")
    switch type {
    case .uint8: return .integers(list(of: UInt8.self, count: count) { Int64($0) })
    case .int8: return .integers(list(of: Int8.self, count: count) { Int64($0) })
    case .uint16: return .integers(list(of: UInt16.self, count: count) { Int64($0) })
    case .int16: return .integers(list(of: Int16.self, count: count) { Int64($0) })
    case .uint32: return .integers(list(of: UInt32.self, count: count) { Int64($0) })
    case .int32: return .integers(list(of: Int32.self, count: count) { Int64($0) })
    case .int64: return .integers(list(of: Int64.self, count: count) { $0 })
    case .uint64:
      let values = list(of: UInt64.self, count: count) { $0 }
      let fits = values.allSatisfy { $0 <= UInt64(Int64.max) }
      return fits ? .integers(values.map { Int64($0) }) : .array(values.map { .unsigned($0) })
    case .float32: return .floats(list(of: UInt32.self, count: count) { Double(Float(bitPattern: $0)) })
    case .float64: return .floats(list(of: UInt64.self, count: count) { Double(bitPattern: $0) })
    case .bool: return .array(list(of: UInt8.self, count: count) { .bool($0 != 0) })
    case .string:
      var texts: [String] = []
      texts.reserveCapacity(count)
      for _ in 0..<count { texts.append(try string("a text of a list")) }
      return .strings(texts)
    case .array:
      var values: [GGUFValue] = []
      for _ in 0..<count { values.append(try value(of: .array, depth: depth)) }
      return .array(values)
    }
  }
}
