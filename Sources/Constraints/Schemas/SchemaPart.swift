import Records

/// One subschema, read and checked. Whole numbers are places in `SchemaReader.parts`.
struct SchemaPart: Sendable {
  /// `#/properties/age`
  let pointer: String
  /// The schema `false`.
  var isNever = false
  /// What `type` says; nil without one.
  var kinds: ValueKinds?
  /// The kinds that its other words are about.
  var topics: ValueKinds = []
  /// `enum`, or `const` as a list of one.
  var values: [JSONValue]?
  var numbers = NumberRange()
  var length = CountRange()
  /// `pattern` and `format`, as automata of what stands between the quotes.
  var texts: [ByteAutomaton] = []

  var prefix: [Int] = []
  var rest: Int?
  var elementCount = CountRange()

  var members: [(name: String, part: Int)] = []
  var patterned: [(names: ByteAutomaton, part: Int)] = []
  var others: Int?
  var required: [String] = []
  var memberCount = CountRange()
  var memberNames: Int?

  /// Subschemas that hold for the same value: `$ref` and `allOf`.
  var same: [Int] = []
  /// `anyOf` and `oneOf`.
  var choices: [Choice] = []

  struct Choice: Sendable {
    var branches: [Int]
    var isExclusive: Bool
    var pointer: String
  }

  init(pointer: String) { self.pointer = pointer }
}
