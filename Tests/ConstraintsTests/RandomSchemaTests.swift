import Constraints
import Records
import Testing

@testable import Graders

/// Random schemas: whatever is drawn under one is accepted by the validator, and documents made another way are let
/// through in every layout.
@Suite(.timeLimit(.minutes(30))) struct RandomSchemaTests {
  private static func validator(_ schema: JSONValue) throws -> JSONSchema {
    let problems = DefinitionProblems(file: "")
    return try #require(
      JSONSchema.compile(schema, path: "", problems: problems),
      "\(problems.diagnostics) of \(schema.serialised())")
  }

  private static func check(
    _ schemas: Range<UInt64>, walks: Int, _ vocabulary: TokenVocabulary, _ compiler: ConstraintCompiler
  ) throws {
    for seed in schemas {
      var random = SplitMix64(seed: seed)
      let made = RandomSchema.random(&random, depth: 3)
      let text = made.schema.serialised()
      let compiled = try compiler.compile(.schema(text))
      let validator = try validator(made.schema)
      var walk = Walk(vocabulary, seed: seed)
      for _ in 0..<walks {
        let bytes: [UInt8]
        do {
          bytes = try walk.answer(compiled)
        } catch {
          Issue.record("\(error) for \(text), seed \(seed)")
          continue
        }
        let document = try JSONValue(parsing: bytes)
        let violations = try validator.violations(of: document)
        #expect(
          violations.isEmpty,
          "\(violations) in \(String(decoding: bytes, as: UTF8.self)) for \(text), seed \(seed)")
      }
      for layout in [JSONValue.Layout.compact, .spaced, .indented(2), .indented(4)] {
        let document = made.sample(&random)
        let written = document.serialised(layout)
        let refusal = compiled.refusal(
          of: vocabulary.tokens(Array(written.utf8)), in: vocabulary, checkingMasks: seed % 8 == 0)
        #expect(refusal == nil, "\(refusal ?? "") of \(written) for \(text), seed \(seed)")
      }
    }
  }

  @Test(arguments: 0..<8) func `with bytes as tokens`(part: UInt64) throws {
    let compiler = ConstraintCompiler(vocabulary: Vocabularies.bytes)
    try Self.check(part * 40..<part * 40 + 40, walks: 3, Vocabularies.bytes, compiler)
  }

  @Test(arguments: 0..<8) func `with random pieces as tokens`(part: UInt64) throws {
    var random = SplitMix64(seed: part)
    let vocabulary = Vocabularies.pieces(&random)
    let compiler = ConstraintCompiler(vocabulary: vocabulary)
    try Self.check(1_000 + part * 40..<1_000 + part * 40 + 40, walks: 3, vocabulary, compiler)
  }

  @Test(arguments: [
    ##"{"$ref": "#/$defs/n", "$defs": {"n": {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#/$defs/n"}, {"type": "null"}]}}, "required": ["v", "next"], "additionalProperties": false}}}"##,
    ##"{"type": ["array", "string"], "items": {"$ref": "#"}, "maxItems": 3, "maxLength": 4}"##,
    ##"{"type": "object", "additionalProperties": {"$ref": "#"}, "maxProperties": 3}"##,
    #"{"type": "object", "patternProperties": {"^a": {"type": "integer"}, "b$": {"type": ["integer", "null"]}}, "additionalProperties": {"type": "boolean"}, "properties": {"ab": {"minimum": 3}}}"#,
    #"{"type": "object", "propertyNames": {"pattern": "^[a-z\"]{1,3}$"}, "additionalProperties": {"type": "null"}, "minProperties": 1}"#,
    #"{"type": "object", "properties": {"a": {"type": "null"}, "b": {"type": "null"}, "c": {"type": "null"}, "d": {"type": "null"}}, "required": ["c"], "minProperties": 2, "maxProperties": 3, "additionalProperties": false}"#,
    #"{"type": "object", "properties": {"a": {"type": "null"}, "b": {"type": "null"}}, "minProperties": 2, "maxProperties": 4, "additionalProperties": true}"#,
    #"{"oneOf": [{"type": "object", "properties": {"k": {"const": "a"}, "x": {"type": "number"}}, "required": ["k"]}, {"type": "object", "properties": {"k": {"enum": ["b", "c"]}, "y": {"type": "string"}}, "required": ["k", "y"]}, {"type": "null"}]}"#,
    #"{"allOf": [{"type": "object", "properties": {"a": {"type": "integer", "minimum": -5}}, "required": ["a"]}, {"type": "object", "properties": {"a": {"maximum": 5}, "b": {"type": "string", "pattern": "^x"}}}, {"anyOf": [{"required": ["b"]}, {"properties": {"c": {"type": "array", "items": false}}, "required": ["c"]}]}]}"#,
    #"{"anyOf": [{"type": "string", "minLength": 2}, {"type": "string", "pattern": "^\\d*$", "maxLength": 3}], "maxLength": 5}"#,
    #"{"type": "array", "prefixItems": [{"type": "integer"}, {"type": "string", "format": "date-time"}], "minItems": 1, "maxItems": 5, "items": {"enum": [1.5, "é", {"a": []}]}}"#,
    #"{"type": "string", "format": "email", "minLength": 12, "maxLength": 20}"#,
    #"{"type": "number", "multipleOf": 0.25, "exclusiveMinimum": -3, "maximum": 10}"#,
  ])
  func `what schemas with more to them let through is valid`(schema: String) throws {
    var random = SplitMix64(seed: 5)
    let validator = try Self.validator(JSONValue(parsing: schema))
    for vocabulary in [Vocabularies.bytes, Vocabularies.pieces(&random)] {
      let compiled = try ConstraintCompiler(vocabulary: vocabulary).compile(.schema(schema))
      for seed in UInt64(0)..<25 {
        var walk = Walk(vocabulary, seed: seed)
        let bytes = try walk.answer(compiled)
        let violations = try validator.violations(of: JSONValue(parsing: bytes))
        #expect(violations.isEmpty, "\(violations) in \(String(decoding: bytes, as: UTF8.self))")
      }
    }
  }

  @Test(arguments: 0..<4) func `a mask has exactly the tokens that are taken`(part: UInt64) throws {
    var random = SplitMix64(seed: 70 + part)
    let vocabulary = Vocabularies.pieces(&random)
    let compiler = ConstraintCompiler(vocabulary: vocabulary)
    for seed in part * 12..<part * 12 + 12 {
      let made = RandomSchema.random(&random, depth: 2)
      let compiled = try compiler.compile(.schema(made.schema.serialised()))
      var walk = Walk(vocabulary, seed: seed)
      var state = compiled.start()
      for _ in 0..<60 where !state.mustEnd {
        let allowed = Set(Walk.ids(state.mask()))
        for id in vocabulary.bytes.indices {
          var next = state
          #expect(next.advance(Int32(id)) == allowed.contains(Int32(id)), "token \(id), seed \(seed)")
        }
        let tokens = allowed.subtracting(vocabulary.endIDs).sorted()
        let token = try #require(tokens.randomElement(using: &walk.random))
        state = try #require(state.after(token))
      }
    }
  }

  @Test(.enabled(if: Vocabularies.hasModel)) func `with a model's tokens`() throws {
    let vocabulary = try Vocabularies.model()
    let compiler = ConstraintCompiler(vocabulary: vocabulary)
    try Self.check(5_000..<5_010, walks: 1, vocabulary, compiler)
  }
}
