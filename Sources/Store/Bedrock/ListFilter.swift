internal import GRDB

/// What most of Bedrock's lists can be narrowed by.
package struct ListFilter: Sendable, Hashable {
  package var nameContains: String?
  /// Not before.
  package var createdAfter: UnixTime?
  /// Not after.
  package var createdBefore: UnixTime?

  package init() {}

  func applied<Row>(to query: QueryInterfaceRequest<Row>) -> QueryInterfaceRequest<Row> {
    var query = query
    if let nameContains { query = query.filter(sql: "instr(name, ?) > 0", arguments: [nameContains]) }
    if let createdAfter { query = query.filter(Column("createdAt") >= createdAfter) }
    if let createdBefore { query = query.filter(Column("createdAt") <= createdBefore) }
    return query
  }
}
