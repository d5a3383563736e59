package import Records

/// A constraint that cannot be held to: every reason, each with the JSON pointer of the place in the schema.
package struct ConstraintError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Never empty; `path` is a JSON pointer such as `#/properties/age/minimum`, empty for what is no schema.
  package let diagnostics: [Diagnostic]

  package init(_ diagnostics: [Diagnostic]) { self.diagnostics = diagnostics }

  init(_ message: String, at pointer: String = "") {
    diagnostics = [Diagnostic(.error, file: "", path: pointer, message: message)]
  }

  /// `pointer: message`, a line for each reason.
  package var description: String {
    diagnostics.map { $0.path.isEmpty ? $0.message : "\($0.path): \($0.message)" }.joined(separator: "\n")
  }
}
