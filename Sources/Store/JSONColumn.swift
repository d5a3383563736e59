package import GRDB
package import Records

/// JSON in a column, as text that keeps the order of keys.
package struct JSONColumn: Sendable, Hashable, DatabaseValueConvertible, Codable {
  package var value: JSONValue

  package init(_ value: JSONValue) { self.value = value }

  package var databaseValue: DatabaseValue { value.serialised().databaseValue }

  package static func fromDatabaseValue(_ databaseValue: DatabaseValue) -> JSONColumn? {
    guard let text = String.fromDatabaseValue(databaseValue), let value = try? JSONValue(parsing: text) else {
      return nil
    }
    return JSONColumn(value)
  }

  package init(from decoder: any Decoder) throws {
    let text = try decoder.singleValueContainer().decode(String.self)
    value = try JSONValue(parsing: text)
  }

  package func encode(to encoder: any Encoder) throws {
    var container = encoder.singleValueContainer()
    try container.encode(value.serialised())
  }
}
