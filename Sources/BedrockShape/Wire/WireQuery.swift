internal import Gateway
internal import Records
internal import Store

/// The query of a list: filters, order and which stretch.
struct WireQuery {
  private let reader: WireReader
  let problems = WireProblems()

  /// - Parameter text: percent-encoded, as it was sent.
  init(_ text: String) {
    var members = JSONObject()
    for pair in text.split(separator: "&") {
      let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
      let value = parts.count > 1 ? parts[1].replacing("+", with: "%20") : ""
      let name = PercentEncoding.decoded(parts[0]) ?? String(parts[0])
      // A presigned query's signature, which was checked.
      if name.hasPrefix("X-Amz-") { continue }
      members[name] = .string(PercentEncoding.decoded(value) ?? String(value))
    }
    reader = WireReader(members, problems: problems)
  }

  func rejectOthers(than known: [String]) { reader.rejectOthers(than: known) }

  func string(_ key: String, _ form: WireForm) -> String? { reader.string(key, form) }

  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _ type: Choice.Type) -> Choice?
  where Choice.RawValue == String { reader.choice(key, type) }

  func bool(_ key: String) -> Bool? {
    guard let text = reader.value(key)?.string else { return nil }
    if text != "true" && text != "false" { problems.add(text, at: key, "Member must be true or false") }
    return text == "true"
  }

  func time(_ key: String) -> UnixTime? {
    guard let text = reader.value(key)?.string else { return nil }
    guard let time = WireTime.time(text) else {
      problems.add(text, at: key, "Member must be a time such as 2026-11-22T06:30:00Z")
      return nil
    }
    return time
  }

  /// What most lists can be narrowed by.
  func filter(name: WireForm, after: String = "creationTimeAfter", before: String = "creationTimeBefore")
    -> ListFilter
  {
    var filter = ListFilter()
    filter.nameContains = string("nameContains", name)
    filter.createdAfter = time(after)
    filter.createdBefore = time(before)
    return filter
  }

  enum SortOrder: String, CaseIterable {
    case ascending = "Ascending"
    case descending = "Descending"
  }
  enum SortBy: String, CaseIterable { case creationTime = "CreationTime" }

  static let pageKeys = ["maxResults", "nextToken", "sortBy", "sortOrder"]

  /// - Parameter list: which list; a token of another one is refused.
  func page(of list: String) -> PageRequest {
    _ = choice("sortBy", SortBy.self)
    let order = choice("sortOrder", SortOrder.self)
    var page = PageRequest(limit: 100, ascending: order == .ascending)
    if let text = reader.value("maxResults")?.string {
      if let limit = Int(text), (1...1000).contains(limit) {
        page.limit = limit
      } else {
        problems.add(text, at: "maxResults", "Member must be a whole number from 1 to 1000")
      }
    }
    if let token = reader.value("nextToken")?.string {
      page.after = Self.position(token, list)
      if page.after == nil {
        problems.add(token, at: "nextToken", "Member must be the nextToken of an answer of the same list")
      }
    }
    return page
  }

  /// Opaque to its receiver: the list and the last id that was given, in hexadecimal digits.
  static func token(after id: String, _ list: String) -> String { Digest.hex(Array("\(list) \(id)".utf8)) }

  private static func position(_ token: String, _ list: String) -> String? {
    let digits = Array(token.utf8)
    guard digits.count % 2 == 0, digits.count < 2048 else { return nil }
    let bytes = stride(from: 0, to: digits.count, by: 2).compactMap {
      UInt8(String(decoding: digits[$0...($0 + 1)], as: UTF8.self), radix: 16)
    }
    let text = String(decoding: bytes, as: UTF8.self)
    guard bytes.count * 2 == digits.count, text.hasPrefix("\(list) ") else { return nil }
    return String(text.dropFirst(list.count + 1))
  }
}
