import Records

/// A JSON Schema (draft 2020-12), compiled: the subset that one document can say about itself.
///
/// Kept are all assertions of the draft but `unevaluatedProperties` and `unevaluatedItems`, with `$ref` to places and
/// anchors of the same document. We depart from the draft in two points: `format` is an assertion (the draft leaves
/// the choice open), and `multipleOf` of a fraction allows for the rounding of binary numbers, so that 19.99 is a
/// multiple of 0.01. Regular expressions are ECMA-262's, see ``Pattern/init(ecma:)``.
struct JSONSchema: Sendable {
  /// What each subschema asks for; subschemas refer to each other by place in this list, the document's own is first.
  let nodes: [[SchemaCheck]]

  /// Compiles a document. An unsupported keyword is a warning; nil when something is an error.
  ///
  /// - Parameter path: where the document stands, put in front of the diagnostics' paths.
  static func compile(_ document: JSONValue, path: String, problems: DefinitionProblems) -> JSONSchema? {
    var compiler = SchemaCompiler(document: document, path: path, problems: problems)
    return compiler.schema()
  }

  /// What a value breaks, the first few in the order they are found; empty when it is valid.
  ///
  /// - Throws: `other` when a pattern or the schema itself takes too many steps on this value.
  func violations(of value: JSONValue) throws(GradeFailure) -> [SchemaViolation] {
    var validator = SchemaValidator(schema: self)
    _ = try validator.accepts(value, at: 0)
    return validator.violations
  }
}

/// One thing that is wrong with a value.
struct SchemaViolation: Sendable, Hashable, CustomStringConvertible {
  /// Place in the value, such as `lines[0].price`; empty for the whole.
  let path: String
  /// Found and expected.
  let message: String

  var description: String { path.isEmpty ? message : "\(path): \(message)" }
}
