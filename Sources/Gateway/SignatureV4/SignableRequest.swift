/// The parts of an HTTP request that a signature of AWS's version 4 covers, as they stand on the wire.
package struct SignableRequest: Sendable, Hashable {
  /// A header field; the name in any case.
  package struct Field: Sendable, Hashable {
    package var name: String
    package var value: String

    package init(_ name: String, _ value: String) {
      self.name = name
      self.value = value
    }
  }

  package var method: String
  /// Percent-encoded, as in the request line, without the query.
  package var path: String
  /// Percent-encoded, without the question mark.
  package var query: String
  /// All fields, `host` among them (HTTP/2's `:authority`); repeated ones in their order.
  package var fields: [Field]

  package init(method: String, path: String, query: String, fields: [Field]) {
    self.method = method
    self.path = path
    self.query = query
    self.fields = fields
  }

  /// - Parameter target: path and query, as in the request line.
  package init(method: String, target: String, fields: [Field]) {
    let parts = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false)
    self.init(
      method: method, path: String(parts[0]), query: parts.count > 1 ? String(parts[1]) : "", fields: fields)
  }

  /// The values of a field by its lower-case name, in their order.
  package func values(_ name: String) -> [String] {
    fields.filter { $0.name.lowercased() == name }.map(\.value)
  }

  /// The first value of a field by its lower-case name.
  package func value(_ name: String) -> String? { values(name).first }
}
