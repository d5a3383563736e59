/// The words a schema may use, by what is done with them.
enum SchemaKeyword {
  /// Checked, or needed by one that is.
  static let assertions: Set<String> = [
    "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "pattern", "format", "items", "prefixItems", "minItems", "maxItems",
    "uniqueItems", "contains", "minContains", "maxContains", "properties", "patternProperties",
    "additionalProperties", "required", "minProperties", "maxProperties", "propertyNames",
    "dependentRequired", "dependentSchemas", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "$ref",
    "$defs", "$anchor",
  ]
  /// Said about the data, not asked of it; only their kinds are checked.
  static let texts: Set<String> = [
    "$schema", "$id", "$comment", "title", "description", "contentEncoding", "contentMediaType",
  ]
  static let flags: Set<String> = ["deprecated", "readOnly", "writeOnly"]
  static let others: Set<String> = ["default", "examples", "contentSchema", "$vocabulary"]

  static var all: Set<String> { assertions.union(texts).union(flags).union(others) }

  /// Words of other drafts, and of this one that we do not have, with what to do about them.
  static let unsupported: [String: String] = [
    "unevaluatedProperties": "use 'additionalProperties' beside the 'properties' it is about",
    "unevaluatedItems": "use 'items' beside 'prefixItems'",
    "$dynamicRef": "use '$ref'",
    "$dynamicAnchor": "use '$anchor'",
    "$recursiveRef": "use '$ref'",
    "$recursiveAnchor": "use '$anchor'",
    "dependencies": "use 'dependentRequired' or 'dependentSchemas'",
    "additionalItems": "use 'prefixItems' with 'items'",
    "definitions": "use '$defs'; references to it are followed all the same",
    "divisibleBy": "use 'multipleOf'",
    "extends": "use 'allOf'",
    "disallow": "use 'not'",
  ]
}
