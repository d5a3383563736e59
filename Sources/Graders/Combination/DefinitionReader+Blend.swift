import Records

extension DefinitionReader {
  /// A combination's formula or weights; nil when there is none or it was reported.
  func blend(of parts: PartNames) -> Blend? {
    switch (object["calculate_output"], object["weights"]) {
    case (nil, nil):
      error("calculate_output", "missing; expected a formula such as 0.9 * a + 0.1 * b, or 'weights'")
      return nil
    case (.some, .some):
      error("weights", "given beside 'calculate_output'; keep one of them")
      return nil
    case (.some, nil): return formula(of: parts)
    case (nil, .some(let value)):
      if object["schedules"] != nil {
        error("schedules", "are for a formula; a weight may be a schedule itself")
      }
      return weights(value, of: parts)
    }
  }

  private func formula(of parts: PartNames) -> Blend? {
    let schedules = schedules(besides: parts)
    guard let source = string("calculate_output") else { return nil }
    let formula: Formula
    do throws(FormulaError) {
      formula = try Formula(parsing: source)
    } catch {
      self.error("calculate_output", "\(error.message), in '\(source)'")
      return nil
    }
    let used = formula.names
    for name in used where schedules[name] == nil {
      if let problem = parts.problem(with: name, use: "stand in the formula") {
        error("calculate_output", problem)
      }
    }
    for name in parts.trained where !used.contains(name) {
      problems.warning(
        path(of: "calculate_output"),
        "does not use the grader '\(name)': it is run and reported, but has no part in the reward")
    }
    for name in schedules.keys.sorted() where !used.contains(name) {
      problems.warning(path(of: "calculate_output"), "does not use the schedule '\(name)'")
    }
    return .formula(formula, source: source, schedules: schedules)
  }

  private func schedules(besides parts: PartNames) -> [String: Scheduled] {
    guard let value = object["schedules"] else { return [:] }
    guard let object = value.object else {
      error("schedules", "expected a map from names to schedules, found \(value.kind)")
      return [:]
    }
    let schedules = inside(object, path: path(of: "schedules"))
    var found: [String: Scheduled] = [:]
    for name in object.keys {
      if parts.all.contains(name) {
        schedules.error(name, "'\(name)' is also the name of a grader; names must differ")
      }
      found[name] = schedules.scheduled(name, from: -.infinity) ?? Scheduled(0)
    }
    return found
  }

  private func weights(_ value: JSONValue, of parts: PartNames) -> Blend? {
    guard let object = value.object else {
      error("weights", "expected a map from the graders' names to numbers, found \(value.kind)")
      return nil
    }
    let weights = inside(object, path: path(of: "weights"))
    for key in object.keys where !parts.trained.contains(key) {
      if parts.heldOut.contains(key), let problem = parts.problem(with: key, use: "be weighted") {
        weights.error(key, problem)
      }
    }
    weights.rejectKeys(besides: parts.all, of: "the list of graders")
    var list: [(part: String, weight: Scheduled)] = []
    for name in parts.trained {
      if object[name] == nil {
        weights.error(name, "missing; every grader needs a weight (0 only reports it)")
      }
      list.append((name, weights.scheduled(name) ?? Scheduled(0)))
    }
    if !list.isEmpty, !problems.hasErrors { checkTotal(list.map(\.weight)) }
    return .weights(list)
  }

  /// Weights are never negative and straight between points, so their sum can only be 0 where it is 0 at a point; steps
  /// and pass rates may meet in any way.
  private func checkTotal(_ weights: [Scheduled]) {
    func lowest(_ axis: Scheduled.Axis) -> Double {
      let weights = weights.filter { $0.axis == axis }
      let places = weights.flatMap { $0.points.map(\.at) }
      return places.map { place in weights.reduce(0) { $0 + $1.value(at: place) } }.min() ?? 0
    }
    guard lowest(.step) + lowest(.passRate) <= 0 else { return }
    if weights.allSatisfy(\.isConstant) {
      error("weights", "are all 0; at least one must be above")
    } else {
      error("weights", "may all be 0 at the same time; at least one must be above 0 at every moment")
    }
  }
}
