package import GRDB

/// A row with a public id and an order of arrival.
package protocol StoredRecord: Codable, Sendable, Hashable, FetchableRecord, MutablePersistableRecord {
  var sequence: Int64? { get set }
  var id: String { get }
}

extension StoredRecord {
  package mutating func didInsert(_ inserted: InsertionSuccess) { sequence = inserted.rowID }

  /// A stretch of the rows of a query, by order of arrival.
  package static func page(
    _ db: Database, _ request: PageRequest, _ query: QueryInterfaceRequest<Self>
  ) throws -> Page<Self> {
    var query = query
    if let after = request.after {
      // Within the query, so that an id of another project is as unknown as none.
      guard let last = try query.filter(Column("id") == after).fetchOne(db)?.sequence else {
        throw StoreError(.missing, "there is nothing with the id \(after) to go on after")
      }
      query = query.filter(request.ascending ? Column("sequence") > last : Column("sequence") < last)
    }
    let order = request.ascending ? Column("sequence").asc : Column("sequence").desc
    return Page(try query.order(order).limit(request.limit + 1).fetchAll(db), limit: request.limit)
  }
}
