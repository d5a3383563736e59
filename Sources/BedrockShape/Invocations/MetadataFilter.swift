internal import Records

/// Which requests count, by what their senders said of them.
indirect enum MetadataFilter: Sendable, Hashable {
  case equals(String, String)
  case notEquals(String, String)
  case all([MetadataFilter])
  case any([MetadataFilter])

  /// Reads `requestMetadataFilters`: a union of `equals`, `notEquals`, `andAll` and `orAll`, the latter two lists of the
  /// former. nil where something was reported.
  init?(_ reader: WireReader) {
    guard let kind = reader.one(of: ["equals", "notEquals", "andAll", "orAll"]) else { return nil }
    if kind == "equals" || kind == "notEquals" {
      guard let filter = Self.comparison(reader, kind) else { return nil }
      self = filter
      return
    }
    let filters = (reader.list(kind, count: 1...16) ?? []).flatMap { path, value -> [MetadataFilter] in
      guard let inside = WireReader.inside(value, at: path, reader.problems) else { return [] }
      inside.rejectOthers(than: ["equals", "notEquals"])
      let found = ["equals", "notEquals"].filter(inside.has).compactMap { Self.comparison(inside, $0) }
      if found.isEmpty { inside.problems.add(nil, at: path, "equals or notEquals must be set") }
      return found
    }
    guard !filters.isEmpty else { return nil }
    self = kind == "andAll" ? .all(filters) : .any(filters)
  }

  private static func comparison(_ reader: WireReader, _ kind: String) -> MetadataFilter? {
    guard let map = reader.inside(kind) else { return nil }
    guard map.object.count == 1, let (key, value) = map.object.members.first.map({ ($0.key, $0.value) })
    else {
      reader.problems.add(nil, at: map.path, "Member must have exactly 1 pair, got \(map.object.count)")
      return nil
    }
    guard WireReader.string(.string(key), .metadataKey, at: map.path, reader.problems) != nil,
      let text = WireReader.string(value, .metadataValue, at: map.place(key), reader.problems)
    else { return nil }
    return kind == "equals" ? .equals(key, text) : .notEquals(key, text)
  }

  func passes(_ metadata: [String: String]) -> Bool {
    switch self {
    case .equals(let key, let value): metadata[key] == value
    case .notEquals(let key, let value): metadata[key] != value
    case .all(let filters): filters.allSatisfy { $0.passes(metadata) }
    case .any(let filters): filters.contains { $0.passes(metadata) }
    }
  }
}
