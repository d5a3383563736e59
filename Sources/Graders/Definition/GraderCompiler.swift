public import Records

/// Turns a grader's definition, the same JSON in a plan and in the API, into a grader.
public enum GraderCompiler {
  /// What came of a definition: the grader, unless a diagnostic is an error.
  package struct Compilation: Sendable {
    package let grader: (any Grader)?
    package let diagnostics: [Diagnostic]
    /// The parts of a combination, by name; nil for other graders, whose parts show when they grade.
    package var partNames: [String]? { (grader as? CombinationGrader)?.partNames }
    /// The part of a combination that says which answers are right, where another part pays for more than that.
    package var rightPart: String? { (grader as? CombinationGrader)?.rightPart }
  }

  /// Compiles a definition.
  ///
  /// - Parameters:
  ///   - file: named in diagnostics.
  ///   - path: where the definition stands in that file, put in front of the diagnostics' paths.
  ///   - surroundings: what the definition may refer to, and what its graders may do.
  /// - Throws: `InvalidInput` with every problem of the definition.
  public static func compile(
    _ definition: JSONValue, file: String = "", path: String = "grader",
    surroundings: GraderSurroundings = GraderSurroundings()
  ) throws(InvalidInput) -> any Grader {
    let compilation = check(definition, file: file, path: path, surroundings: surroundings)
    guard let grader = compilation.grader else { throw InvalidInput(compilation.diagnostics) }
    return grader
  }

  /// Compiles a definition and gives its warnings as well.
  package static func check(
    _ definition: JSONValue, file: String = "", path: String = "grader",
    surroundings: GraderSurroundings = GraderSurroundings()
  ) -> Compilation {
    let problems = DefinitionProblems(file: file)
    let grader = make(definition, path: path, name: nil, problems: problems, surroundings: surroundings)
    return Compilation(grader: problems.hasErrors ? nil : grader, diagnostics: problems.diagnostics)
  }

  /// `name` is what a combination calls the grader; it wins over the definition's own.
  static func make(
    _ definition: JSONValue, path: String, name: String?, problems: DefinitionProblems,
    surroundings: GraderSurroundings
  ) -> (any Grader)? {
    guard let object = definition.object else {
      problems.error(path, "expected a grader, an object with a 'type'; found \(definition.kind)")
      return nil
    }
    let reader = DefinitionReader(
      object: object, path: path, problems: problems, surroundings: surroundings, isPart: name != nil)
    if reader.bool("held_out", default: false), name == nil {
      reader.error(
        "held_out",
        "only a part of a multi grader can be held out, since a run needs a reward; put it into one")
    }
    let ownName = reader.string("name")
    guard let type: GraderType = reader.choice("type", default: nil) else { return nil }
    let identity = GraderIdentity(
      name: name ?? ownName ?? type.rawValue, type: type.rawValue,
      version: definitionVersion(definition))
    return switch type {
    case .stringCheck: StringCheckGrader(reader, identity)
    case .number: NumberGrader(reader, identity)
    case .regex: RegexGrader(reader, identity)
    case .json: JSONGrader(reader, identity)
    case .length: LengthGrader(reader, identity)
    case .textSimilarity: TextSimilarityGrader(reader, identity)
    case .repetition: RepetitionGrader(reader, identity)
    case .language: LanguageGrader(reader, identity)
    case .budget: BudgetGrader(reader, identity)
    case .rules: RuleListGrader(reader, identity)
    case .brevity: BrevityGrader(reader, identity)
    case .code: CodeGrader(reader, identity)
    case .python: PythonGrader(reader, identity)
    case .pythonFunction: PythonFunctionGrader(function: reader, identity)
    case .reasoningGym: PythonFunctionGrader(reasoningGym: reader, identity)
    case .scoreModel: ScoreModelGrader(reader, identity)
    case .labelModel: LabelModelGrader(reader, identity)
    case .pairwiseModel: PairwiseGrader(reader, identity)
    case .endpoint: EndpointGrader(reader, identity)
    case .lambda: LambdaGrader(reader, identity)
    case .multi: CombinationGrader(reader, identity)
    }
  }

  /// The keys that every definition has.
  static let commonKeys = ["type", "name", "held_out"]
}

/// A hash of what a definition says: neither the order of keys nor 1 against 1.0 makes a difference.
func definitionVersion(_ definition: JSONValue) -> String {
  var hash = StableHash()
  hash.combine(definition.canonical.serialised())
  return hash.hex
}
