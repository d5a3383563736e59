import Records

/// How one field of an answer is compared with the reference's.
struct FieldRule: Sendable {
  enum Comparison: String, Sendable, CaseIterable {
    /// The same JSON value; 1 is 1.0, the order of keys is nothing.
    case exact
    /// The same text but for case, width of white space and shape of quotes; numbers and truth values count as text.
    case text
    /// The same number within a tolerance; a text that holds exactly one number counts as it.
    case number
    /// The same day, see ``WrittenDate``.
    case date
    /// Lists without regard to order and repetition: twice the common elements over the elements of both (Dice, F1).
    case set
    /// Lists in order: twice the longest common subsequence over the lengths of both.
    case list
    /// Not compared and no part of the score.
    case ignore
  }

  var comparison: Comparison
  var weight = 1.0
  /// Whether the reference may lack the field; then the answer must lack it or have null.
  var isOptional = false
  var absolute = 0.0
  var relative = 0.0
  /// How many days a date may be off.
  var days = 0
  var daysFirst: Bool?

  /// 0 to 1 for a field whose reference is there.
  ///
  /// - Throws: `invalidVariable` when the reference is not of the kind that is compared.
  func score(
    _ answer: JSONValue?, reference: JSONValue, field: String, sample: GradingSample
  ) throws(GradeFailure) -> Double {
    if reference == .null { return answer == .null || (answer == nil && isOptional) ? 1 : 0 }
    let answer = answer ?? .null
    func fault(_ expected: String) -> GradeFailure {
      let row = sample.exampleID.isEmpty ? "" : " of the row '\(sample.exampleID)'"
      return GradeFailure(
        .invalidVariable,
        "the reference\(row) has \(reference.serialised().prefix(80)) at '\(field)'; expected \(expected), "
          + "because it is compared as '\(comparison.rawValue)'")
    }
    switch comparison {
    case .ignore: return 0
    case .exact: return JSONIdentity(answer) == JSONIdentity(reference) ? 1 : 0
    case .text:
      guard let expected = Self.text(reference) else { throw fault("text, a number or a truth value") }
      return Self.text(answer) == expected ? 1 : 0
    case .number:
      guard let expected = Self.number(reference) else { throw fault("exactly one number") }
      guard let number = Self.number(answer) else { return 0 }
      return number.agrees(with: expected, absolute: absolute, relative: relative) ? 1 : 0
    case .date:
      guard let expected = reference.string.flatMap({ WrittenDate.day(in: $0, daysFirst: daysFirst) }) else {
        throw fault("a date such as \"2026-03-12\"")
      }
      guard let day = answer.string.flatMap({ WrittenDate.day(in: $0, daysFirst: daysFirst) }) else {
        return 0
      }
      return abs(day.number - expected.number) <= days ? 1 : 0
    case .set, .list:
      guard let expected = reference.array else { throw fault("a list") }
      guard let elements = answer.array else { return 0 }
      return comparison == .set
        ? Self.overlap(Set(elements.map(Self.element)), Set(expected.map(Self.element)))
        : Self.overlap(elements.map(Self.element), expected.map(Self.element))
    }
  }

  /// The folded text of a value that can be written in a line; nil for null, lists and objects.
  private static func text(_ value: JSONValue) -> FoldedText? {
    switch value {
    case .string(let text): FoldedText(text, ignoringCase: true)
    case .integer, .number, .bool: FoldedText(value.canonical.serialised(), ignoringCase: true)
    case .null, .array, .object: nil
    }
  }

  private static func number(_ value: JSONValue) -> WrittenNumber? {
    switch value {
    case .integer, .number: value.double.map { WrittenNumber(value: $0, isPercent: false, range: 0..<0) }
    case .string(let text): NumberPick.only.pick(from: text, marker: "")
    default: nil
    }
  }

  /// What makes two elements of lists the same: texts are compared as `text` does, all else as `exact`.
  private enum Element: Hashable {
    case text(FoldedText)
    case value(JSONIdentity)
  }

  private static func element(_ value: JSONValue) -> Element {
    value.string.map { .text(FoldedText($0, ignoringCase: true)) } ?? .value(JSONIdentity(value))
  }

  private static func overlap(_ answer: Set<Element>, _ reference: Set<Element>) -> Double {
    let total = answer.count + reference.count
    return total == 0 ? 1 : Double(2 * answer.intersection(reference).count) / Double(total)
  }

  /// One row of the table of the longest common subsequence at a time.
  private static func overlap(_ answer: [Element], _ reference: [Element]) -> Double {
    let total = answer.count + reference.count
    if total == 0 { return 1 }
    var numbers: [Element: Int] = [:]
    for element in reference where numbers[element] == nil { numbers[element] = numbers.count }
    let expected = reference.map { numbers[$0] ?? -1 }
    var row = [Int](repeating: 0, count: expected.count + 1)
    for element in answer {
      // Not in the reference: the row stays as it is.
      guard let number = numbers[element] else { continue }
      var diagonal = 0
      for index in expected.indices {
        let above = row[index + 1]
        row[index + 1] = expected[index] == number ? diagonal + 1 : max(above, row[index])
        diagonal = above
      }
    }
    return Double(2 * (row.last ?? 0)) / Double(total)
  }
}

extension FieldRule {
  /// Reads a rule: one of its words, or an object with `rule` and what goes with it. nil when it was reported.
  init?(_ value: JSONValue, path: String, reader: DefinitionReader) {
    let fields: DefinitionReader
    switch value {
    case .string: fields = reader.inside(JSONObject([("rule", value)]), path: path)
    case .object(let object): fields = reader.inside(object, path: path)
    default:
      let words = Comparison.allCases.map(\.rawValue).joined(separator: ", ")
      reader.problems.error(path, "expected one of \(words), or an object with a 'rule'; found \(value.kind)")
      return nil
    }
    let settings: [(key: String, rule: Comparison)] = [
      ("tolerance_absolute", .number), ("tolerance_relative", .number), ("tolerance_days", .date),
      ("days_first", .date),
    ]
    fields.rejectKeys(besides: ["rule", "weight", "optional"] + settings.map(\.key), of: "a field's rule")
    guard let comparison: Comparison = fields.choice("rule", default: nil) else { return nil }
    self.comparison = comparison
    for (key, rule) in settings where fields.object[key] != nil && rule != comparison {
      fields.error(key, "has no effect with 'rule: \(comparison.rawValue)'; it goes with \(rule.rawValue)")
    }
    if comparison == .ignore, fields.object["weight"] != nil {
      fields.error("weight", "has no effect on a field that is ignored; leave it out")
    }
    weight = fields.number("weight", excludingLowest: true) ?? 1
    isOptional = fields.bool("optional", default: false)
    absolute = fields.number("tolerance_absolute") ?? 0
    relative = fields.number("tolerance_relative") ?? 0
    days = fields.count("tolerance_days") ?? 0
    daysFirst = fields.object["days_first"] == nil ? nil : fields.bool("days_first", default: false)
  }
}
