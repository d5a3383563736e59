package import Records

/// What a template is rendered with.
package struct TemplateContext: Sendable {
  /// The template's variables; a name that is not here is undefined to it.
  package var variables: [String: JSONValue]
  /// The time that `strftime_now` tells, in seconds since 1970; nil for the time of the call.
  package var now: Int?

  package init(_ variables: [String: JSONValue] = [:], now: Int? = nil) {
    self.variables = variables
    self.now = now
  }
}
