import Records

extension FieldReader {
  func number(_ key: String, _ range: ClosedRange<Double>) -> Double? {
    guard let value = value(key) else { return nil }
    let words = "a number from \(Self.plain(range.lowerBound)) to \(Self.plain(range.upperBound))"
    guard let number = value.double else {
      error(key, "expected \(words), got \(value.kind)")
      return nil
    }
    guard range.contains(number) else {
      error(key, "is \(value.serialised()); expected \(words)")
      return nil
    }
    return number
  }

  func flag(_ key: String) -> Bool? {
    guard let value = value(key) else { return nil }
    if value.bool == nil { error(key, "expected true or false, got \(value.kind)") }
    return value.bool
  }

  /// A list of token ids; the vocabulary is checked where the model is known.
  func tokenIDs(_ key: String) -> [Int32]? {
    guard let list = array(key, "a list of token ids") else { return nil }
    return ids(key, list)
  }

  func ids(_ key: String, _ list: [JSONValue]) -> [Int32]? {
    var ids: [Int32] = []
    for (place, element) in list.enumerated() {
      guard let id = element.integer.flatMap(Int32.init(exactly:)), id >= 0 else {
        error("\(key)[\(place)]", "expected a token id, got \(element.serialised().prefix(40))")
        return nil
      }
      ids.append(id)
    }
    return ids
  }

  private static func plain(_ number: Double) -> String {
    Int(exactly: number).map(String.init) ?? String(number)
  }
}
