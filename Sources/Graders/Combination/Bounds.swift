import Records

/// What a value is clipped to; an end may be open.
struct Bounds: Sendable, Hashable {
  var low = -Double.infinity
  var high = Double.infinity

  func clip(_ value: Double) -> Double { min(max(value, low), high) }
}

extension DefinitionReader {
  /// A pair `[low, high]`, `null` for an open end; nil when it is absent or was reported.
  func bounds(_ key: String) -> Bounds? {
    guard let value = object[key] else { return nil }
    guard let pair = value.array, pair.count == 2, let low = end(pair[0]), let high = end(pair[1]) else {
      error(
        key, "expected a pair of bounds such as [0, 1] or [null, 1], found \(value.serialised(.spaced))")
      return nil
    }
    let bounds = Bounds(low: low ?? -.infinity, high: high ?? .infinity)
    guard bounds.low < bounds.high else {
      error(key, "is \(value.serialised(.spaced)); expected the lower bound first, and a higher one after it")
      return nil
    }
    return bounds
  }

  /// The outer nil is no bound at all, the inner one an open end.
  private func end(_ value: JSONValue) -> Double?? {
    if case .null = value { return .some(nil) }
    guard let number = value.double, number.isFinite else { return nil }
    return .some(number)
  }
}
