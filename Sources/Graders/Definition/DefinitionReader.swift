import Records

/// Reads the fields of one object of a definition. A field that is missing or of the wrong kind is reported and
/// reads as nil; the reader goes on, so that all problems come out at once.
struct DefinitionReader {
  let object: JSONObject
  let path: String
  let problems: DefinitionProblems
  let surroundings: GraderSurroundings
  /// Whether the grader that is read is a part of another one.
  let isPart: Bool

  /// Reads an object inside this one.
  func inside(_ object: JSONObject, path: String) -> DefinitionReader {
    DefinitionReader(
      object: object, path: path, problems: problems, surroundings: surroundings, isPart: isPart)
  }

  func path(of key: String) -> String { path.isEmpty ? key : "\(path).\(key)" }

  func error(_ key: String, _ message: String) { problems.error(path(of: key), message) }

  /// Reports every key that is not in the list, with the nearest one that is.
  func rejectKeys(besides known: [String], of thing: String) {
    for key in object.keys where !known.contains(key) {
      let hint =
        if let near = EditDistance.nearest(to: key, among: known) {
          "did you mean '\(near)'?"
        } else {
          "its keys are \(known.joined(separator: ", "))"
        }
      error(key, "\(thing) has no key '\(key)'; \(hint)")
    }
  }

  /// Text; nil when it is absent or was reported.
  func string(_ key: String) -> String? {
    guard let value = object[key] else { return nil }
    if value.string == nil { error(key, "expected text, found \(value.kind)") }
    return value.string
  }

  /// Text that must be there.
  func requiredString(_ key: String, _ meaning: String) -> String? {
    if object[key] == nil { error(key, "missing; expected \(meaning)") }
    return string(key)
  }

  func bool(_ key: String, default value: Bool) -> Bool {
    guard let given = object[key] else { return value }
    if given.bool == nil { error(key, "expected true or false, found \(given.kind)") }
    return given.bool ?? value
  }

  /// A number within a range; nil when it is absent or was reported.
  func number(_ key: String, from lowest: Double = 0, excludingLowest: Bool = false) -> Double? {
    guard let value = object[key] else { return nil }
    guard let number = value.double, number.isFinite else {
      error(key, "expected a number, found \(value.kind)")
      return nil
    }
    guard number > lowest || (number == lowest && !excludingLowest) else {
      let bound = lowest == 0 ? "0" : "\(lowest)"
      error(
        key,
        "is \(value.serialised()); expected a number \(excludingLowest ? "above" : "of at least") \(bound)"
      )
      return nil
    }
    return number
  }

  /// A whole number of at least 0; nil when it is absent or was reported.
  func count(_ key: String) -> Int? {
    guard let value = object[key] else { return nil }
    guard let count = value.integer, count >= 0 else {
      let found = value.double == nil ? value.kind : value.serialised()
      error(key, "expected a whole number of at least 0, found \(found)")
      return nil
    }
    return count
  }

  /// One of an enum's words; `default` when absent, nil when it was reported.
  func choice<Choice: RawRepresentable<String> & CaseIterable>(_ key: String, default value: Choice?)
    -> Choice?
  {
    let words = Choice.allCases.map(\.rawValue)
    guard let given = object[key] else {
      if value == nil { error(key, "missing; expected one of \(words.joined(separator: ", "))") }
      return value
    }
    guard let word = given.string else {
      error(key, "expected one of \(words.joined(separator: ", ")); found \(given.kind)")
      return nil
    }
    if let choice = Choice(rawValue: word) { return choice }
    let hint = EditDistance.nearest(to: word, among: words).map { "; did you mean '\($0)'?" } ?? ""
    error(key, "'\(word)' is not one of \(words.joined(separator: ", "))\(hint)")
    return nil
  }

  /// A template; a number or truth value stands for its text. nil when it is absent or was reported.
  func template(_ key: String) -> Template? {
    object[key].flatMap { template($0, path: path(of: key)) }
  }

  /// A template that must be there.
  func requiredTemplate(_ key: String, _ meaning: String) -> Template? {
    if object[key] == nil { error(key, "missing; expected \(meaning)") }
    return template(key)
  }

  /// One template or a list of them; nil when absent, and without those that were reported.
  func templates(_ key: String) -> [Template]? {
    guard let value = object[key] else { return nil }
    guard let elements = value.array else { return template(value, path: path(of: key)).map { [$0] } ?? [] }
    if elements.isEmpty { error(key, "is an empty list; expected at least one phrase") }
    return elements.enumerated().compactMap { template($1, path: "\(path(of: key))[\($0)]") }
  }

  private func template(_ value: JSONValue, path: String) -> Template? {
    switch value {
    case .string(let source):
      do throws(TemplateError) {
        return try Template(parsing: source)
      } catch {
        problems.error(path, error.message)
        return nil
      }
    case .integer, .number, .bool: return Template(literal: value.serialised())
    case .null, .array, .object:
      problems.error(path, "expected text, found \(value.kind)")
      return nil
    }
  }
}
