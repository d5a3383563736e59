package import Records

/// The description of every route, as OpenAPI 3.1 has it.
package enum OpenAPIDocument {
  package static var json: JSONValue {
    ["openapi": "3.1.0", "info": ["title": "Operant", "version": "1"], "paths": [:]]
  }

  /// As a file.
  package static var text: String { json.serialised(.indented(1)) + "\n" }
}
