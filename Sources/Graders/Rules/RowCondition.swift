import Records

/// Which rows a rule is for: every column named has one of the values given.
struct RowCondition: Sendable {
  private let tests: [(path: VariablePath, source: String, values: Set<JSONIdentity>, allowsNone: Bool)]

  /// For all rows.
  static let always = RowCondition(tests: [])

  private init(tests: [(path: VariablePath, source: String, values: Set<JSONIdentity>, allowsNone: Bool)]) {
    self.tests = tests
  }

  /// Reads `{"item.topic": "refund", "item.tier": ["gold", "silver"]}`.
  init(_ value: JSONValue, path: String, problems: DefinitionProblems) {
    guard let object = value.object, !object.isEmpty else {
      let found = value.object == nil ? value.kind : "an empty object"
      problems.error(
        path,
        "expected an object from columns to values, such as {\"item.topic\": \"refund\"}; found \(found)")
      self = .always
      return
    }
    tests = object.members.compactMap { key, value in
      let variable: VariablePath
      do throws(TemplateError) {
        variable = try VariablePath(parsing: key)
      } catch {
        problems.error("\(path).\(key)", error.message)
        return nil
      }
      guard variable.base == .item else {
        problems.error(
          "\(path).\(key)", "is about the answer; a rule can be for some rows, not for some answers")
        return nil
      }
      let values = value.array ?? [value]
      if values.isEmpty {
        problems.error("\(path).\(key)", "is an empty list; expected the values the rule is for")
      }
      return (variable, key, Set(values.map { JSONIdentity($0) }), values.contains(.null))
    }
  }

  /// - Throws: when the row lacks a column, unless `null` is one of the values: a misspelt name would otherwise switch
  ///   the rule off without a word.
  func holds(for sample: GradingSample) throws(GradeFailure) -> Bool {
    for test in tests {
      switch test.path.find(in: sample) {
      case .value(let value): if !test.values.contains(JSONIdentity(value)) { return false }
      case .rowLacks(let failure): if !test.allowsNone { throw failure }
      case .answerLacks: return false
      }
    }
    return true
  }
}
