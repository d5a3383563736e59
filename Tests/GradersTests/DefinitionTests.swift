import Records
import Testing

@testable import Graders

@Suite struct DefinitionTests {
  static let types = GraderType.allCases.map(\.rawValue).joined(separator: ", ")

  @Test(arguments: [
    (#"7"#, ["grader: expected a grader, an object with a 'type'; found a number"]),
    (#"{}"#, ["grader.type: missing; expected one of \(Self.types)"]),
    (
      #"{"type": "numbr"}"#,
      [
        "grader.type: 'numbr' is not one of \(Self.types); did you mean 'number'?"
      ]
    ),
    (
      #"{"type": "perceptron"}"#,
      ["grader.type: 'perceptron' is not one of \(Self.types)"]
    ),
    (
      #"{"type": 3, "name": []}"#,
      [
        "grader.name: expected text, found a list",
        "grader.type: expected one of \(Self.types); found a number",
      ]
    ),
    // string_check
    (
      #"{"type": "string_check", "inputs": "x"}"#,
      [
        "grader.inputs: a string_check grader has no key 'inputs'; did you mean 'input'?",
        "grader.input: missing; expected a template such as {{sample.output_text}}",
        "grader.reference: missing; expected a template such as {{item.answer}}",
        "grader.operation: missing; expected one of eq, ne, neq, like, ilike",
      ]
    ),
    (
      #"{"type": "string_check", "input": {}, "reference": "{{itm.a}}", "operation": "equals"}"#,
      [
        "grader.input: expected text, found an object",
        "grader.reference: '{{itm.a}}' starts with 'itm'; a variable starts with item or sample; did you mean 'item'?",
        "grader.operation: 'equals' is not one of eq, ne, neq, like, ilike",
      ]
    ),
    // number
    (
      #"{"type": "number", "tolerance": 1, "zzz": 1}"#,
      [
        "grader.tolerance: a number grader has no key 'tolerance'; its keys are type, name, held_out, input, reference, tolerance_absolute, tolerance_relative, pick, marker",
        "grader.zzz: a number grader has no key 'zzz'; its keys are type, name, held_out, input, reference, tolerance_absolute, tolerance_relative, pick, marker",
        "grader.reference: missing; expected a number or a template such as {{item.answer}}",
      ]
    ),
    (
      #"{"type": "number", "reference": "many", "tolerance_absolute": -1, "tolerance_relative": "x", "pick": "frist"}"#,
      [
        "grader.reference: 'many' is not a number; expected one number or a template for one",
        "grader.pick: 'frist' is not one of last, first, only, after, boxed; did you mean 'first'?",
        "grader.tolerance_absolute: is -1; expected a number of at least 0",
        "grader.tolerance_relative: expected a number, found a string",
      ]
    ),
    (
      #"{"type": "number", "reference": 1, "pick": "last", "marker": "A"}"#,
      [
        "grader.marker: has no effect with 'pick: last'; use 'pick: after' or leave it out"
      ]
    ),
    (
      #"{"type": "number", "reference": 1, "marker": " "}"#,
      [
        "grader.marker: is blank; expected the text before the result, such as \"Answer:\""
      ]
    ),
    // regex
    (#"{"type": "regex"}"#, ["grader.pattern: missing; expected a regular expression"]),
    (
      #"{"type": "regex", "pattern": ""}"#,
      ["grader.pattern: the pattern is empty; it would match every answer"]
    ),
    (
      #"{"type": "regex", "pattern": "(a"}"#,
      ["grader.pattern: '(a' is not a regular expression: a '(' is not closed"]
    ),
    (
      #"{"type": "regex", "pattern": "a)|(b", "match": "full"}"#,
      ["grader.pattern: 'a)|(b' is not a regular expression: a ')' has no '('"]
    ),
    (
      #"{"type": "regex", "pattern": "[a"}"#,
      ["grader.pattern: '[a' is not a regular expression: a '[' is not closed"]
    ),
    (
      #"{"type": "regex", "pattern": "*a"}"#,
      ["grader.pattern: '*a' is not a regular expression: '*' repeats nothing"]
    ),
    (
      #"{"type": "regex", "pattern": "a\\"}"#,
      ["grader.pattern: 'a\\' is not a regular expression: it ends in a '\\' that escapes nothing"]
    ),
    (
      #"{"type": "regex", "pattern": "a{2,1}"}"#,
      [
        "grader.pattern: 'a{2,1}' is not a regular expression; the dialect is ICU's (as in Java and NSRegularExpression)"
      ]
    ),
    (
      #"{"type": "regex", "pattern": "{{item.a}}"}"#,
      [
        "grader.pattern: '{{' in a pattern: patterns take no variables; use a rule with 'required' for text of the row"
      ]
    ),
    (
      #"{"type": "regex", "pattern": "a", "expect": "yes", "match": "all"}"#,
      [
        "grader.expect: expected true or false, found a string",
        "grader.match: 'all' is not one of search, full",
      ]
    ),
    // length
    (
      #"{"type": "length"}"#,
      [
        "grader.unit: missing; expected one of characters, words, sentences, tokens",
        "grader.max: missing; expected 'min', 'max' or both",
      ]
    ),
    (
      #"{"type": "length", "unit": "tokens", "input": "x", "min": 3, "max": 2, "falloff": -1}"#,
      [
        "grader.falloff: is -1; expected a number of at least 0",
        "grader.min: is 3, above max 2: no length would satisfy both",
        "grader.input: has no effect with 'unit: tokens', which counts what was sampled; leave it out",
      ]
    ),
    (
      #"{"type": "length", "unit": "words", "min": 1.5, "max": "3"}"#,
      [
        "grader.min: expected a whole number of at least 0, found 1.5",
        "grader.max: expected a whole number of at least 0, found a string",
      ]
    ),
    (
      #"{"type": "length", "unit": "words", "part": "answer", "max": "{{sample.output_text}}"}"#,
      [
        "grader.max: reads the answer, which would set its own bound; use a number or a column such as {{item.budget}}",
        "grader.part: goes with 'unit: tokens'; words are counted in 'input'",
      ]
    ),
    // budget
    (
      #"{"type": "budget", "part": "all"}"#,
      [
        "grader.tokens: missing; expected a whole number or a template such as {{item.budget}}",
        "grader.part: 'all' is not one of whole, thinking, answer",
      ]
    ),
    (
      #"{"type": "budget", "tokens": 0}"#,
      ["grader.tokens: is 0, which no answer can keep; expected at least 1"]
    ),
    // rules
    (#"{"type": "rules"}"#, ["grader.rules: expected a list of rules, each with a name; found nothing"]),
    (
      #"{"type": "rules", "rules": []}"#,
      ["grader.rules: expected a list of rules, each with a name; found an empty list"]
    ),
    (
      #"{"type": "rules", "rules": {}}"#,
      ["grader.rules: expected a list of rules, each with a name; found an object"]
    ),
    (
      #"{"type": "rules", "rules": ["x", {"require": "x"}, {"name": "a", "weight": 0, "required": []}, {"name": "b", "pattern": "("}, {"name": "b", "required": ["x", " "]}]}"#,
      [
        "grader.rules[0]: expected a rule, an object with a name; found a string",
        "grader.rules[1].require: a rule has no key 'require'; did you mean 'required'?",
        "grader.rules[1].name: missing; expected a short name, which curves and reports show",
        "grader.rules[2].required: is an empty list; expected at least one phrase",
        "grader.rules[2].weight: is 0; expected a number above 0",
        "grader.rules[3].pattern: '(' is not a regular expression: a '(' is not closed",
        "grader.rules[4].required[1]: is blank; expected text to look for",
        "grader.rules[4].name: 'b' is also the name of rules[3]; names must differ",
      ]
    ),
    (
      #"{"type": "rules", "rules": [{"name": "a", "weight": 2}, {"name": "c", "min_words": 3, "max_words": 2, "required": ""}]}"#,
      [
        "grader.rules[0]: the rule asks for nothing; give it a condition such as required, any_of, forbidden, pattern or max_words",
        "grader.rules[1].required: is blank; expected text to look for",
        "grader.rules[1].min_words: is 3, above max_words 2: no answer would satisfy both",
      ]
    ),
    // multi
    (
      #"{"type": "multi"}"#,
      [
        "grader.graders: expected a map from names to graders, or a list of graders with names; found nothing",
        "grader.calculate_output: missing; expected a formula such as 0.9 * a + 0.1 * b, or 'weights'",
      ]
    ),
    (
      #"{"type": "multi", "graders": {}, "calculate_output": 3}"#,
      [
        "grader.graders: expected a map from names to graders, or a list of graders with names; found an empty one",
        "grader.calculate_output: expected text, found a number",
      ]
    ),
    (
      #"{"type": "multi", "graders": {"a": {"type": "regex", "pattern": "("}, "b": 1}, "calculate_output": "a + c"}"#,
      [
        "grader.graders.a.pattern: '(' is not a regular expression: a '(' is not closed",
        "grader.graders.b: expected a grader, an object with a 'type'; found a number",
        "grader.calculate_output: there is no grader 'c'; the graders are a, b; did you mean 'a'?",
        "warning: grader.calculate_output: does not use the grader 'b': it is run and reported, but has no part in the reward",
      ]
    ),
    (
      #"{"type": "multi", "graders": [{"type": "regex", "pattern": "x"}, {"name": "a", "type": "regex", "pattern": "x"}, {"name": "a", "type": "regex", "pattern": "x"}], "calculate_output": "a +"}"#,
      [
        "grader.graders[0].name: missing; graders in a list need names",
        "grader.graders[2].name: 'a' is also the name of graders[1]; names must differ",
        "grader.calculate_output: expected a number, a name or '(', found the end, in 'a +'",
      ]
    ),
    (
      #"{"type": "multi", "graders": {"a": {"type": "regex", "pattern": "x"}, "b": {"type": "regex", "pattern": "x"}}, "weights": {"a": -1, "bb": 1}}"#,
      [
        "grader.weights.bb: the list of graders has no key 'bb'; did you mean 'b'?",
        "grader.weights.a: is -1; expected a number of at least 0",
        "grader.weights.b: missing; every grader needs a weight (0 only reports it)",
      ]
    ),
    (
      #"{"type": "multi", "graders": {"a": {"type": "regex", "pattern": "x"}}, "weights": {"a": 0}}"#,
      ["grader.weights: are all 0; at least one must be above"]
    ),
    (
      #"{"type": "multi", "graders": {"a": {"type": "regex", "pattern": "x"}}, "weights": [1]}"#,
      [
        "grader.weights: expected a map from the graders' names to numbers, found a list"
      ]
    ),
    (
      #"{"type": "multi", "graders": {"a": {"type": "regex", "pattern": "x"}}, "weights": {"a": 1}, "calculate_output": "a"}"#,
      [
        "grader.weights: given beside 'calculate_output'; keep one of them"
      ]
    ),
  ])
  func `every problem of a definition is reported at once, with its place`(json: String, expected: [String])
    throws
  {
    #expect(try problems(json) == expected)
  }

  @Test func `errors are thrown with the file, warnings are not`() throws {
    let warned =
      #"{"type": "multi", "graders": {"a": {"type": "regex", "pattern": "x"}, "b": {"type": "regex", "pattern": "y"}}, "calculate_output": "a"}"#
    #expect(try compiled(warned).identity.name == "multi")
    let thrown = #expect(throws: InvalidInput.self) {
      try GraderCompiler.compile(["type": "regx"], file: "plan.yaml", path: "grader")
    }
    #expect(
      thrown?.description
        == "plan.yaml: error: grader.type: 'regx' is not one of \(Self.types); did you mean 'regex'?"
    )
  }

  @Test func `random definitions are judged without a trap`() {
    var random = SplitMix64(seed: 8)
    let keys = [
      "type", "name", "input", "reference", "operation", "pattern", "rules", "graders", "weights",
      "calculate_output", "max", "unit",
    ]
    func value(_ depth: Int) -> JSONValue {
      switch random.next() % (depth > 0 ? 9 : 7) {
      case 0: .null
      case 1: .integer(Int(random.next() % 9) - 3)
      case 2: .number(0.5)
      case 3: .bool(true)
      case 4, 5: .string(GraderType.allCases.map(\.rawValue)[Int(random.next() % 6)])
      case 6: .string("{{item.a}} + (b")
      case 7: .array((0..<random.next() % 3).map { _ in value(depth - 1) })
      default:
        .object(
          JSONObject(
            (0..<random.next() % 7).map { _ in
              (keys[Int(random.next() % UInt64(keys.count))], value(depth - 1))
            }))
      }
    }
    for _ in 0..<3000 {
      let compilation = GraderCompiler.check(value(4))
      #expect((compilation.grader == nil) == compilation.diagnostics.contains { $0.severity == .error })
    }
  }

  @Test func `a version follows what the definition says and nothing else`() throws {
    let version = try compiled(#"{"type": "length", "unit": "words", "max": 3}"#).identity.version
    #expect(version.count == 16)
    #expect(try compiled(#"{"max": 3.0, "unit": "words", "type": "length"}"#).identity.version == version)
    #expect(try compiled(#"{"type": "length", "unit": "words", "max": 4}"#).identity.version != version)
  }

  @Test(arguments: [
    ("langth", "length"), ("lenght", "length"), ("rule", "rules"), ("String_Check", "string_check"),
    ("zebra", nil), ("", nil),
  ])
  func `the nearest name is suggested when it is near`(given: String, expected: String?) {
    #expect(EditDistance.nearest(to: given, among: GraderType.allCases.map(\.rawValue)) == expected)
  }
}
