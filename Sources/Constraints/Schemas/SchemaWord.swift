/// The words a schema may use, by what is done with them.
enum SchemaWord {
  /// Enforced, or needed by one that is.
  static let enforced: Set<String> = [
    "type", "enum", "const", "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
    "minLength", "maxLength", "pattern", "format", "items", "prefixItems", "minItems", "maxItems",
    "uniqueItems", "properties", "patternProperties", "additionalProperties", "required", "minProperties",
    "maxProperties", "propertyNames", "allOf", "anyOf", "oneOf", "$ref", "$defs", "definitions", "$anchor",
  ]

  /// Said about the data, not asked of it.
  static let annotations: Set<String> = [
    "$schema", "$id", "$comment", "$vocabulary", "title", "description", "default", "examples", "example",
    "deprecated", "readOnly", "writeOnly", "contentEncoding", "contentMediaType", "contentSchema",
    "discriminator", "externalDocs", "xml", "strict", "propertyOrdering",
  ]

  /// Words that ask for something which decoding cannot hold to, with what to do about them.
  static let refused: [String: String] = [
    "not": "say what is allowed instead of what is not",
    "if": "write the cases as branches of 'anyOf'",
    "then": "write the cases as branches of 'anyOf'",
    "else": "write the cases as branches of 'anyOf'",
    "contains": "describe every element with 'items' or 'prefixItems'",
    "minContains": "describe every element with 'items' or 'prefixItems'",
    "maxContains": "describe every element with 'items' or 'prefixItems'",
    "dependentRequired": "write the cases as branches of 'anyOf', each with its own 'required'",
    "dependentSchemas": "write the cases as branches of 'anyOf'",
    "dependencies": "write the cases as branches of 'anyOf'",
    "unevaluatedProperties": "use 'additionalProperties' beside the 'properties' it is about",
    "unevaluatedItems": "use 'items' beside 'prefixItems'",
    "additionalItems": "use 'prefixItems' with 'items'",
    "$dynamicRef": "use '$ref'",
    "$dynamicAnchor": "use '$anchor'",
    "$recursiveRef": "use '$ref'",
    "$recursiveAnchor": "use '$anchor'",
    "nullable": "use a list of types, such as [\"string\", \"null\"]",
    "divisibleBy": "use 'multipleOf'",
    "extends": "use 'allOf'",
    "disallow": "say what is allowed instead of what is not",
  ]

  static let strings: Set<String> = ["minLength", "maxLength", "pattern", "format"]
  static let numbers: Set<String> = [
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf",
  ]
  static let lists: Set<String> = ["items", "prefixItems", "minItems", "maxItems", "uniqueItems"]
  static let objects: Set<String> = [
    "properties", "patternProperties", "additionalProperties", "required", "minProperties", "maxProperties",
    "propertyNames",
  ]
}
