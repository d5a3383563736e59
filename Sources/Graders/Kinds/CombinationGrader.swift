import Records

/// OpenAI's `multi`: several graders, combined by a formula or by weights.
///
/// A part that fails makes the whole fail, with the part's name: a reward of the parts that are left would be a
/// different reward.
struct CombinationGrader: Grader {
  let identity: GraderIdentity
  private let parts: [Part]
  private let combination: Combination

  private struct Part: Sendable {
    let name: String
    let grader: any Grader
  }

  private enum Combination: Sendable {
    case formula(Formula, source: String)
    /// One a part; the reward is their weighted mean.
    case weights([Double])
  }

  init?(_ reader: DefinitionReader, _ identity: GraderIdentity) {
    reader.rejectKeys(
      besides: GraderCompiler.commonKeys + ["graders", "calculate_output", "weights"], of: "a multi grader")
    let definitions = Self.definitions(reader)
    let names = definitions.map(\.name)
    let parts = definitions.compactMap { name, definition, path in
      GraderCompiler.make(
        definition, path: path, name: name, problems: reader.problems, surroundings: reader.surroundings
      ).map { Part(name: name, grader: $0) }
    }
    let combination = Self.combination(reader, names: names)
    guard let combination, parts.count == names.count, !parts.isEmpty else { return nil }
    (self.identity, self.parts, self.combination) = (identity, parts, combination)
  }

  private static func definitions(
    _ reader: DefinitionReader
  ) -> [(name: String, definition: JSONValue, path: String)] {
    let path = reader.path(of: "graders")
    switch reader.object["graders"] {
    case .object(let object) where !object.isEmpty:
      return object.members.map { ($0.key, $0.value, "\(path).\($0.key)") }
    case .array(let list) where !list.isEmpty:
      var places: [String: Int] = [:]
      return list.enumerated().compactMap { index, definition in
        guard let name = definition["name"]?.string else {
          reader.problems.error("\(path)[\(index)].name", "missing; graders in a list need names")
          return nil
        }
        if let first = places.updateValue(index, forKey: name) {
          reader.problems.error(
            "\(path)[\(index)].name", "'\(name)' is also the name of graders[\(first)]; names must differ")
        }
        return (name, definition, "\(path)[\(index)]")
      }
    case let other:
      let found = other.map { $0.array != nil || $0.object != nil ? "an empty one" : $0.kind } ?? "nothing"
      reader.error(
        "graders", "expected a map from names to graders, or a list of graders with names; found \(found)")
      return []
    }
  }

  private static func combination(_ reader: DefinitionReader, names: [String]) -> Combination? {
    switch (reader.object["calculate_output"], reader.object["weights"]) {
    case (nil, nil):
      reader.error("calculate_output", "missing; expected a formula such as 0.9 * a + 0.1 * b, or 'weights'")
      return nil
    case (.some, .some):
      reader.error("weights", "given beside 'calculate_output'; keep one of them")
      return nil
    case (.some, nil): return formula(reader, names: names)
    case (nil, .some(let weights)): return self.weights(weights, reader, names: names)
    }
  }

  private static func formula(_ reader: DefinitionReader, names: [String]) -> Combination? {
    guard let source = reader.string("calculate_output") else { return nil }
    let formula: Formula
    do throws(FormulaError) {
      formula = try Formula(parsing: source)
    } catch {
      reader.error("calculate_output", "\(error.message), in '\(source)'")
      return nil
    }
    let used = formula.names
    for name in used where !names.contains(name) {
      let hint = EditDistance.nearest(to: name, among: names).map { "; did you mean '\($0)'?" } ?? ""
      reader.error(
        "calculate_output",
        "there is no grader '\(name)'; the graders are \(names.joined(separator: ", "))\(hint)")
    }
    for name in names where !used.contains(name) {
      reader.problems.warning(
        reader.path(of: "calculate_output"),
        "does not use the grader '\(name)': it is run and reported, but has no part in the reward")
    }
    return .formula(formula, source: source)
  }

  private static func weights(_ value: JSONValue, _ reader: DefinitionReader, names: [String]) -> Combination?
  {
    guard let object = value.object else {
      reader.error("weights", "expected a map from the graders' names to numbers, found \(value.kind)")
      return nil
    }
    let weights = reader.inside(object, path: reader.path(of: "weights"))
    weights.rejectKeys(besides: names, of: "the list of graders")
    var list: [Double] = []
    for name in names {
      if object[name] == nil {
        weights.error(name, "missing; every grader needs a weight (0 only reports it)")
      }
      list.append(weights.number(name) ?? 0)
    }
    if list.allSatisfy({ $0 == 0 }), !names.isEmpty, !reader.problems.hasErrors {
      reader.error("weights", "are all 0; at least one must be above")
    }
    return .weights(list)
  }

  func grade(_ group: [GradingSample]) async -> [Grade] {
    let start = ContinuousClock.now
    let byPart = await gradeParts(group)
    let took = start.duration(to: .now)
    return group.indices.map { index in
      combine(byPart.map { $0[index] }).completed(by: identity, took: took)
    }
  }

  /// The grades of all parts, one list a part; parts run side by side, as some of them wait for processes or models.
  private func gradeParts(_ group: [GradingSample]) async -> [[Grade]] {
    if parts.allSatisfy({ $0.grader is any SampleGrader }) {
      var grades: [[Grade]] = []
      for part in parts { grades.append(await part.grader.checkedGrades(of: group)) }
      return grades
    }
    return await withTaskGroup(of: (Int, [Grade]).self) { tasks in
      for (index, part) in parts.enumerated() {
        tasks.addTask { (index, await part.grader.checkedGrades(of: group)) }
      }
      var grades = [[Grade]](repeating: [], count: parts.count)
      for await (index, result) in tasks { grades[index] = result }
      return grades
    }
  }

  private func combine(_ grades: [Grade]) -> Grade {
    var subRewards: [Grade.SubReward] = []
    var metrics: [String: Double] = [:]
    var failure: GradeFailure?
    for (part, grade) in zip(parts, grades) {
      switch grade.outcome {
      case .reward(let reward): subRewards.append(Grade.SubReward(part.name, reward))
      case .failed(let cause): failure = failure ?? cause
      }
      subRewards += grade.subRewards.map { Grade.SubReward("\(part.name)/\($0.name)", $0.value) }
      for (name, value) in grade.metrics {
        // One flag for the whole grade; other metrics keep apart.
        if name == Grade.sampleParseError {
          metrics[name] = value
        } else {
          metrics["\(part.name)/\(name)"] = value
        }
      }
    }
    let tails = grades.map(\.outputTail).filter { !$0.isEmpty }.joined(separator: "\n")
    let outcome = failure.map(Grade.Outcome.failed) ?? reward(grades.compactMap(\.reward))
    return Grade(outcome, subRewards: subRewards, metrics: metrics, outputTail: tails)
  }

  private func reward(_ rewards: [Double]) -> Grade.Outcome {
    switch combination {
    case .weights(let weights):
      let total = weights.reduce(0, +)
      return .reward(zip(weights, rewards).reduce(0) { $0 + $1.0 * $1.1 } / total)
    case .formula(let formula, let source):
      let values = Dictionary(zip(parts.map(\.name), rewards)) { $1 }
      let reward = formula.value(values)
      guard !reward.isFinite else { return .reward(reward) }
      let given = formula.names.map { "\($0) = \(values[$0] ?? .nan)" }.joined(separator: ", ")
      return .failed(
        GradeFailure(
          .formulaParse, "the formula '\(source)' gives \(reward) with \(given); expected a finite number"))
    }
  }
}
