/// A stretch of a list, newest first unless said otherwise.
package struct Page<Item: Sendable>: Sendable {
  package var items: [Item]
  package var hasMore: Bool

  package init(items: [Item], hasMore: Bool) {
    self.items = items
    self.hasMore = hasMore
  }

  /// Of one row more than was asked for, when there is one.
  init(_ rows: [Item], limit: Int) {
    self.init(items: Array(rows.prefix(limit)), hasMore: rows.count > limit)
  }

  package func map<Other>(_ transform: (Item) throws -> Other) rethrows -> Page<Other> {
    Page<Other>(items: try items.map(transform), hasMore: hasMore)
  }
}

/// Which stretch of a list is wanted.
package struct PageRequest: Sendable, Hashable {
  package var limit: Int
  /// The id of the last item that was seen.
  package var after: String?
  package var ascending: Bool

  package init(limit: Int, after: String? = nil, ascending: Bool = false) {
    self.limit = limit
    self.after = after
    self.ascending = ascending
  }
}
