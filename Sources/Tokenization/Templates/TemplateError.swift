/// A chat template that cannot be loaded, or that stopped while rendering.
package struct TemplateError: Error, Sendable, Hashable, CustomStringConvertible {
  package enum Kind: Sendable, Hashable {
    /// Not Jinja.
    case syntax
    /// Jinja, but a part of it that this renderer does not have; found when loading.
    case unsupported
    /// An operation that its values do not allow.
    case evaluation
    /// The template called `raise_exception`.
    case raised
  }

  package let kind: Kind
  /// Line of the template, from 1.
  package let line: Int
  package let message: String

  package init(_ kind: Kind, line: Int, _ message: String) {
    self.kind = kind
    self.line = line
    self.message = message
  }

  package var description: String { "chat template, line \(line): \(message)" }
}
