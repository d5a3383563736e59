internal import Gateway
internal import Records
internal import Store

/// Takes the fields of a request's body one by one; what is left over is refused.
struct BodyFields {
  private let object: JSONObject
  private var seen: Set<String> = []

  init(_ object: JSONObject) { self.object = object }

  /// The value of a field; null is as good as nothing.
  private mutating func value(_ name: String) -> JSONValue? {
    seen.insert(name)
    guard let value = object[name], value != .null else { return nil }
    return value
  }

  mutating func text(_ name: String) throws -> String? {
    guard let value = value(name) else { return nil }
    guard let text = value.string else { throw Self.failure(name, "a text", value) }
    return text
  }

  mutating func integer(_ name: String, from low: Int) throws -> Int? {
    guard let value = value(name) else { return nil }
    guard let number = value.integer, number >= low else {
      throw Self.failure(name, "a whole number from \(low)", value)
    }
    return number
  }

  mutating func scopes(_ name: String) throws -> Set<KeyScope>? {
    guard let value = value(name) else { return nil }
    let words = KeyScope.allCases.map(\.rawValue).joined(separator: ", ")
    guard let texts = value.array, !texts.isEmpty else {
      throw Self.failure(name, "a list with some of \(words)", value)
    }
    var scopes: Set<KeyScope> = []
    for text in texts {
      guard let scope = text.string.flatMap(KeyScope.init) else {
        throw Self.failure(name, "a list with some of \(words)", text)
      }
      scopes.insert(scope)
    }
    return scopes
  }

  /// The quotas that are named; null takes one away.
  mutating func quota() throws -> Accounts.QuotaChange {
    func change(_ name: String) throws -> Accounts.QuotaChange.Value? {
      seen.insert(name)
      guard let value = object[name] else { return nil }
      if value == .null { return Accounts.QuotaChange.Value.none }
      guard let number = value.integer, number >= 0 else {
        throw Self.failure(name, "a whole number from 0, or null for no limit", value)
      }
      return .limit(number)
    }
    return Accounts.QuotaChange(
      jobs: try change("max_jobs"), storage: try change("max_storage_bytes"),
      tokens: try change("max_tokens_per_day"))
  }

  /// Throws `APIFailure` for a field that nobody asked for.
  func finish() throws {
    for name in object.keys where !seen.contains(name) {
      let near = EditDistance.nearest(to: name, among: seen.sorted())
      throw APIFailure(
        .invalid,
        "'\(name.prefix(80))' is no field of this request"
          + (near.map { "; did you mean '\($0)'?" } ?? ""), param: String(name.prefix(80)))
    }
  }

  private static func failure(_ name: String, _ expected: String, _ given: JSONValue) -> APIFailure {
    APIFailure(
      .invalid, "\(name) must be \(expected), got \(given.serialised().prefix(80))", param: name)
  }
}
