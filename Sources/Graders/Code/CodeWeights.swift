import Records

/// What the parts of a code grader's reward count.
struct CodeWeights: Sendable {
  var tests = 1.0
  var compiles = 0.0
  var complexity = 0.0

  var sum: Double { tests + compiles + complexity }

  init(_ reader: DefinitionReader, hasComplexity: Bool) {
    guard let value = reader.object["weights"] else { return }
    guard let object = value.object else {
      reader.error("weights", "expected an object with tests, compiles and complexity; found \(value.kind)")
      return
    }
    let own = reader.inside(object, path: reader.path(of: "weights"))
    own.rejectKeys(besides: ["tests", "compiles", "complexity"], of: "the list of weights")
    tests = own.number("tests", excludingLowest: true) ?? 1
    compiles = own.number("compiles") ?? 0
    complexity = own.number("complexity") ?? 0
    if object["complexity"] != nil, !hasComplexity {
      own.error("complexity", "has no effect without 'complexity', the most that is allowed")
    }
  }
}
