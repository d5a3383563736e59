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
      var text = text.replacing("{k}", with: family.source(of: constant))
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

  /// Different calls, and of no result more than half, so that a constant passes few of the tests.
  private static func cases(
    of family: CodeFamily, _ constant: Int, _ random: inout SplitMix64
  ) -> [CodeFamily.Case] {
    var cases: [CodeFamily.Case] = []
    // A family has far more calls than are drawn; the bound is for one that is badly written, which a test would show.
    for _ in 0..<1000 where cases.count < testCount + 1 {
      let next = family.draw(&random, constant)
      let alike = cases.count { $0.result == next.result }
      if alike <= testCount / 2, !cases.contains(where: { $0.arguments == next.arguments }) {
        cases.append(next)
      }
    }
    return cases
  }

  private static let requests = [
    "Complete this Python function.", "Write the body of this Python function.",
    "Finish this function in Python.",
    "Write this Python function.", "Implement the function below.", "Fill in this Python function.",
  ]
}
