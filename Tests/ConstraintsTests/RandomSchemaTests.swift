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
