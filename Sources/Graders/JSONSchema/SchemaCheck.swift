import Records

/// One assertion of a subschema. Whole numbers are places in ``JSONSchema/nodes``.
enum SchemaCheck: Sendable {
  /// The schema `false`.
  case nothing
  case types([SchemaType])
  /// `enum` and `const`.
  case oneOfValues([JSONValue], identities: Set<JSONIdentity>)
  case bound(SchemaBound, JSONValue)
  case multipleOf(JSONValue)
  /// In Unicode scalars.
  case length(SchemaRange)
  case pattern(Pattern)
  case format(SchemaFormat)
  case elements(prefix: [Int], rest: Int?)
  case elementCount(SchemaRange)
  case uniqueElements
  case contains(Int, SchemaRange)
  case members(SchemaMembers)
  case memberCount(SchemaRange)
  case memberNames(Int)
  case required([String])
  case dependentRequired([(name: String, others: [String])])
  case dependentSchemas([(name: String, node: Int)])
  case all([Int])
  case any([Int])
  case exactlyOne([Int])
  case not(Int)
  case conditional(condition: Int, then: Int?, otherwise: Int?)
  case reference(Int)
}

/// The seven words of `type`.
enum SchemaType: String, Sendable, CaseIterable {
  case null, boolean, integer, number, string, array, object

  /// 1.0 is an integer, as the draft says.
  func holds(for value: JSONValue) -> Bool {
    switch (self, value) {
    case (.null, .null), (.boolean, .bool), (.integer, .integer), (.number, .integer), (.number, .number),
      (.string, .string), (.array, .array), (.object, .object):
      true
    case (.integer, .number(let value)): value.rounded() == value
    default: false
    }
  }
}

/// The four bounds of a number.
enum SchemaBound: String, Sendable, CaseIterable {
  case minimum, maximum, exclusiveMinimum, exclusiveMaximum

  func holds(for value: JSONValue, _ bound: JSONValue) -> Bool {
    if case (.integer(let value), .integer(let bound)) = (value, bound) { return holds(value, bound) }
    guard let value = value.double, let bound = bound.double else { return true }
    return holds(value, bound)
  }

  private func holds<Number: Comparable>(_ value: Number, _ bound: Number) -> Bool {
    switch self {
    case .minimum: value >= bound
    case .maximum: value <= bound
    case .exclusiveMinimum: value > bound
    case .exclusiveMaximum: value < bound
    }
  }

  /// "at least", for a message.
  var words: String {
    switch self {
    case .minimum: "at least"
    case .maximum: "at most"
    case .exclusiveMinimum: "more than"
    case .exclusiveMaximum: "less than"
    }
  }
}

/// How many there may be.
struct SchemaRange: Sendable, Hashable {
  var least = 0
  var most: Int?

  func holds(for count: Int) -> Bool { count >= least && count <= most ?? .max }

  /// "1 to 3", "at most 3".
  var words: String {
    switch most {
    case nil: "at least \(least)"
    case let most? where least == 0: "at most \(most)"
    case let most? where least == most: "exactly \(most)"
    case let most?: "\(least) to \(most)"
    }
  }
}

/// `properties`, `patternProperties` and `additionalProperties`, which depend on each other.
struct SchemaMembers: Sendable {
  var named: [String: Int] = [:]
  var patterns: [(pattern: Pattern, node: Int)] = []
  /// For members that neither names nor patterns cover.
  var others: Int?
}

/// What makes two JSON values the same to JSON Schema: 1 is 1.0, the order of keys is nothing, and strings are compared
/// scalar by scalar (Swift's own comparison takes two spellings of "é" for equal).
struct JSONIdentity: Sendable, Hashable {
  private let bytes: [UInt8]
  init(_ value: JSONValue) { bytes = Array(value.canonical.serialised().utf8) }
}
