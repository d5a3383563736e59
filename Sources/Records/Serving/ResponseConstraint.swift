/// A form that an answer is held to while it is sampled: no token is drawn that could not be continued to a whole
/// document, and the end of turn only where the document is whole.
package indirect enum ResponseConstraint: Sendable, Hashable, Codable {
  /// Any JSON object.
  case object
  /// JSON that a schema (draft 2020-12, the subset in Docs/structured-output.md) accepts. Kept as text, since the order
  /// of a schema's properties is the order in which they are written.
  case schema(String)
  /// This text.
  case text(String)
  /// Any text that does not contain the given one, then that text; the empty one is any text to the end.
  case free(until: String)
  /// One after the other.
  case sequence([ResponseConstraint])
  /// One of them.
  case choice([ResponseConstraint])
}
