import Records

/// Reads the members of an object of a request. What is missing or of the wrong kind is reported and read as nil; null
/// counts as not given, as clients send it for what they leave open.
struct FieldReader {
  let object: JSONObject
  /// Where the object stands in the request; empty for the request itself.
  let path: String
  let problems: RequestProblems

  init(_ object: JSONObject, path: String = "", problems: RequestProblems) {
    self.object = object
    self.path = path
    self.problems = problems
  }

  func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func error(_ key: String, _ message: @autoclosure () -> String, code: String? = nil) {
    problems.add(path(of: key), message(), code: code)
  }

  /// A member, unless it is absent or null.
  func value(_ key: String) -> JSONValue? {
    guard let value = object[key], value != .null else { return nil }
    return value
  }

  func string(_ key: String, longest: Int = 4096) -> String? {
    guard let value = value(key) else { return nil }
    guard let text = value.string else {
      error(key, "expected text, got \(value.kind)")
      return nil
    }
    guard text.unicodeScalars.count <= longest else {
      error(key, "is \(text.unicodeScalars.count) characters long; expected at most \(longest)")
      return nil
    }
    return text
  }

  func requiredString(_ key: String, _ meaning: String, longest: Int = 4096) -> String? {
    guard value(key) != nil else {
      error(key, "is missing; expected \(meaning)")
      return nil
    }
    guard let text = string(key, longest: longest) else { return nil }
    guard !text.isEmpty else {
      error(key, "is empty; expected \(meaning)")
      return nil
    }
    return text
  }

  func integer(_ key: String, in range: ClosedRange<Int>) -> Int? {
    guard let value = value(key) else { return nil }
    let words =
      range.upperBound == .max
      ? "a whole number of at least \(range.lowerBound)"
      : "a whole number from \(range.lowerBound) to \(range.upperBound)"
    guard let number = value.integer else {
      let given = value.double == nil ? value.kind : value.serialised()
      error(key, "expected \(words), got \(given)")
      return nil
    }
    guard range.contains(number) else {
      error(key, "is \(number); expected \(words)")
      return nil
    }
    return number
  }

  func object(_ key: String, _ meaning: String) -> JSONObject? {
    guard let value = value(key) else { return nil }
    if value.object == nil { error(key, "expected \(meaning), got \(value.kind)") }
    return value.object
  }

  func array(_ key: String, _ meaning: String) -> [JSONValue]? {
    guard let value = value(key) else { return nil }
    if value.array == nil { error(key, "expected \(meaning), got \(value.kind)") }
    return value.array
  }

  /// An object inside this one.
  func inside(_ key: String, _ object: JSONObject) -> FieldReader {
    FieldReader(object, path: path(of: key), problems: problems)
  }

  /// Reports members that are not in the list, with the nearest one that is.
  func rejectKeys(besides known: [String]) {
    func hint(_ key: String) -> String {
      EditDistance.nearest(to: key, among: known).map { "did you mean '\($0)'?" }
        ?? "known here: \(known.joined(separator: ", "))"
    }
    for key in object.keys where !known.contains(key) {
      let start = String(key.prefix(64))
      error(start, "is no field of \(path.isEmpty ? "this request" : path); \(hint(start))")
    }
  }
}
