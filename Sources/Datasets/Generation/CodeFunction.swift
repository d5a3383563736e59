import Records

/// Small Python functions to write, from a signature and a sentence. The columns are `tests` (a list of `assert`
/// statements that the prompt does not show), `entry_point` (the function's name), `family` and `solution`, one that
/// passes.
enum CodeFunction {
  private static let testCount = 5

  static func draw(_ random: inout SplitMix64) -> (message: String, item: JSONObject) {
    let family = random.pick(CodeFamily.all)
    let constant = family.constants.map { random.number(in: $0) } ?? 0
    let name = random.pick(family.names)
    let parameters = random.pick(family.parameters)
    func filled(_ text: String) -> String {
      var text = text.replacing("{k}", with: family.constantSource(constant))
      for (index, parameter) in parameters.enumerated() {
        text = text.replacing("{\(index)}", with: parameter)
      }
      return text
    }
    let cases = cases(of: family, constant, &random)
    var documentation = filled(random.pick(family.sentences))
    if random.chance(0.5) {
      documentation += " For example, \(call(name, cases[0])) returns \(cases[0].result.source)."
    }
    let signature = "def \(name)(\(parameters.joined(separator: ", "))):"
    let header = "\(signature)\n    \"\"\"\(documentation)\"\"\""
    let request = random.pick(requests)
    let body = filled(family.body).split(separator: "\n", omittingEmptySubsequences: false).map {
      "    \($0)"
    }
    // The first case may stand in the prompt, so it is no test.
    let tests = cases.dropFirst().map { "assert \(call(name, $0)) == \($0.result.source)" }
    let item = JSONObject([
      ("entry_point", .string(name)), ("tests", .array(tests.map(JSONValue.string))),
      ("solution", .string(signature + "\n" + body.joined(separator: "\n") + "\n")),
      ("family", .string(family.names[0])),
    ])
    return ("\(request)\n\n```python\n\(header)\n```", item)
  }

  private static func call(_ name: String, _ test: CodeFamily.Case) -> String {
    "\(name)(\(test.arguments.map(\.source).joined(separator: ", ")))"
  }

  /// Different calls, and among those that are tests at least two results, so that no constant passes.
  private static func cases(
    of family: CodeFamily, _ constant: Int, _ random: inout SplitMix64
  ) -> [CodeFamily.Case] {
    var cases: [CodeFamily.Case] = []
    var calls: Set<[PythonValue]> = []
    var draws = 0
    while cases.count < testCount + 1, draws < 400 {
      draws += 1
      let next = family.draw(&random, constant)
      guard !calls.contains(next.arguments) else { continue }
      // The last place is kept for another result, as long as all are the same.
      if cases.count == testCount, Set(cases.dropFirst().map(\.result) + [next.result]).count < 2 { continue }
      calls.insert(next.arguments)
      cases.append(next)
    }
    return cases
  }

  private static let requests = [
    "Complete this Python function.", "Write the body of this Python function.",
    "Finish this function in Python.",
    "Write this Python function.", "Implement the function below.", "Fill in this Python function.",
  ]
}
