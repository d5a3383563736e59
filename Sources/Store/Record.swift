package import GRDB

/// A row with a public id and an order of arrival.
package protocol StoredRecord: Codable, Sendable, Hashable, FetchableRecord, MutablePersistableRecord {
  var sequence: Int64? { get set }
  var id: String { get }
}

extension StoredRecord {
  package mutating func didInsert(_ inserted: InsertionSuccess) { sequence = inserted.rowID }

  /// A stretch of the rows of an owner that pass a filter, by order of arrival.
  ///
  /// - Parameters:
  ///   - rows: all of the owner's, deleted ones with them: an id of another owner is as unknown as none, but the last
  ///     row that a client has seen may pass the filter no more.
  ///   - owner: as `departure` names it, for rows that are deleted without a trace.
  package static func page(
    _ db: Database, _ request: PageRequest, of rows: QueryInterfaceRequest<Self>, owner: String,
    where filter: (QueryInterfaceRequest<Self>) -> QueryInterfaceRequest<Self> = { $0 }
  ) throws -> Page<Self> {
    var query = filter(rows)
    if let after = request.after {
      guard
        let last = try rows.filter(Column("id") == after).fetchOne(db)?.sequence
          ?? Int64.fetchOne(
            db, sql: "SELECT sequence FROM departure WHERE id = ? AND list = ? AND owner = ?",
            arguments: [after, databaseTableName, owner])
      else { throw StoreError(.missing, "there is nothing with the id \(after) to go on after") }
      query = query.filter(request.ascending ? Column("sequence") > last : Column("sequence") < last)
    }
    let order = request.ascending ? Column("sequence").asc : Column("sequence").desc
    return Page(try query.order(order).limit(request.limit + 1).fetchAll(db), limit: request.limit)
  }
}
