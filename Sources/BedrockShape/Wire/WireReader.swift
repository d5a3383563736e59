internal import Records

/// Reads the members of a request, and collects what is wrong with them. A null counts as nothing.
///
/// botocore checks types, required members and lowest values before it sends; the rest is ours to check, and all of it
/// where another client sends.
struct WireReader {
  let object: JSONObject
  let path: String
  let problems: WireProblems

  init(_ object: JSONObject, path: String = "", problems: WireProblems = WireProblems()) {
    self.object = object
    self.path = path
    self.problems = problems
  }

  func place(_ key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func value(_ key: String, required: Bool = false) -> JSONValue? {
    if let value = object[key], value != .null { return value }
    if required { problems.add(nil, at: place(key), "Member must not be null") }
    return nil
  }

  func has(_ key: String) -> Bool { value(key) != nil }

  /// Reports members that nobody knows: what cannot be honoured is not passed over.
  func rejectOthers(than known: [String]) {
    let others = object.keys.filter { !known.contains($0) }
    guard let first = others.first else { return }
    let all = "known are \(known.joined(separator: ", "))"
    guard others.count > 1 else { return problems.add(nil, at: place(first), "Member is not known; \(all)") }
    let rest = others.count > 10 ? " and \(others.count - 10) more" : ""
    let named = others.prefix(10).map { WireProblems.start(of: $0) }.joined(separator: ", ")
    problems.add(
      nil, at: place("{\(named)\(rest)}"), "\(others.count) members are not known; \(all)")
  }

  func string(_ key: String, _ form: WireForm, required: Bool = false) -> String? {
    guard let value = value(key, required: required) else { return nil }
    return Self.string(value, form, at: place(key), problems)
  }

  static func string(_ value: JSONValue, _ form: WireForm, at path: String, _ problems: WireProblems)
    -> String?
  {
    guard let text = value.string else {
      problems.add(nil, at: path, "Member must be a string, got \(value.kind)")
      return nil
    }
    guard form.length.contains(text.utf8.count) else {
      problems.add(
        text, at: path,
        "Member must have length between \(form.length.lowerBound) and \(form.length.upperBound), got "
          + "\(text.utf8.count)")
      return nil
    }
    guard form.matches(text) else {
      problems.add(text, at: path, "Member must be \(form.description)")
      return nil
    }
    return text
  }

  func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = value(key) else { return nil }
    guard let number = value.integer else {
      problems.add(value.serialised(), at: place(key), "Member must be a whole number")
      return nil
    }
    guard number >= range.lowerBound else {
      problems.add(
        String(number), at: place(key), "Member must have value greater than or equal to \(range.lowerBound)")
      return nil
    }
    guard number <= range.upperBound else {
      problems.add(
        String(number), at: place(key), "Member must have value less than or equal to \(range.upperBound)")
      return nil
    }
    return number
  }

  func number(_ key: String, in range: ClosedRange<Double>) -> Double? {
    guard let value = value(key) else { return nil }
    guard let number = value.double else {
      problems.add(value.serialised(), at: place(key), "Member must be a number")
      return nil
    }
    guard range.contains(number) else {
      problems.add(
        "\(number)", at: place(key), "Member must be between \(range.lowerBound) and \(range.upperBound)")
      return nil
    }
    return number
  }

  func bool(_ key: String) -> Bool? {
    guard let value = value(key) else { return nil }
    guard let bool = value.bool else {
      problems.add(value.serialised(), at: place(key), "Member must be true or false")
      return nil
    }
    return bool
  }

  func choice<Choice: RawRepresentable & CaseIterable>(_ key: String, _: Choice.Type, required: Bool = false)
    -> Choice?
  where Choice.RawValue == String {
    guard let value = value(key, required: required) else { return nil }
    guard let choice = value.string.flatMap(Choice.init(rawValue:)) else {
      let all = Choice.allCases.map(\.rawValue).joined(separator: ", ")
      problems.add(
        value.string ?? value.serialised(), at: place(key), "Member must satisfy enum value set: [\(all)]")
      return nil
    }
    return choice
  }

  func inside(_ key: String, required: Bool = false) -> WireReader? {
    guard let value = value(key, required: required) else { return nil }
    return Self.inside(value, at: place(key), problems)
  }

  static func inside(_ value: JSONValue, at path: String, _ problems: WireProblems) -> WireReader? {
    guard let object = value.object else {
      problems.add(nil, at: path, "Member must be an object, got \(value.kind)")
      return nil
    }
    return WireReader(object, path: path, problems: problems)
  }

  /// The elements of a list with their paths.
  func list(_ key: String, count: ClosedRange<Int>, required: Bool = false) -> [(
    path: String, value: JSONValue
  )]? {
    guard let value = value(key, required: required) else { return nil }
    guard let elements = value.array else {
      problems.add(nil, at: place(key), "Member must be a list, got \(value.kind)")
      return nil
    }
    guard count.contains(elements.count) else {
      problems.add(
        nil, at: place(key),
        "Member must have between \(count.lowerBound) and \(count.upperBound) elements, got \(elements.count)"
      )
      return nil
    }
    return elements.enumerated().map { ("\(place(key))[\($0.offset)]", $0.element) }
  }

  /// Of a union, the one member that is there.
  func one(of keys: [String]) -> String? {
    rejectOthers(than: keys)
    let given = keys.filter(has)
    guard given.count == 1 else {
      problems.add(
        nil, at: path.isEmpty ? "request" : path,
        "exactly one of \(keys.joined(separator: ", ")) must be set, got \(given.isEmpty ? "none" : given.joined(separator: ", "))"
      )
      return nil
    }
    return given[0]
  }
}
