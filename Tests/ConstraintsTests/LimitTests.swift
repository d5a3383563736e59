import Records
import Synchronization
import Testing

@testable import Constraints

/// Schemas that would cost too much, and constraints used for long and by many.
@Suite(.timeLimit(.minutes(30))) struct LimitTests {
  private static func isRefused(_ schema: String) -> Bool {
    do throws(ConstraintError) {
      _ = try ConstraintTests.compiler.compile(.schema(schema))
      return false
    } catch {
      return true
    }
  }

  @Test func `what would explode is refused`() {
    let branch = #"{"anyOf": [{"required": ["a"]}, {"required": ["b"]}, {"required": ["c"]}]}"#
    let choices = Array(repeating: branch, count: 12).joined(separator: ",")
    #expect(Self.isRefused(#"{"type": "object", "allOf": [\#(choices)]}"#))
    #expect(Self.isRefused(#"{"pattern": "^(([a-z]{1,100}){1,100}){1,100}$"}"#))
    #expect(Self.isRefused(#"{"pattern": "(a|b)*a(a|b){20}$"}"#))
    #expect(Self.isRefused(#"{"type": "integer", "multipleOf": 99991}"#))
    #expect(
      Self.isRefused(String(repeating: #"{"items":"#, count: 600) + "{}" + String(repeating: "}", count: 600))
    )
    #expect(Self.isRefused(#"{"const": "\#(String(repeating: "x", count: 2 << 20))"}"#))
    #expect(Self.isRefused(#"{"type": "string", "minLength": 1000000000}"#))
    let deep = String(repeating: #"{"type":"array","minItems":1,"items":"#, count: 70)
    #expect(Self.isRefused(deep + "{}" + String(repeating: "}", count: 70)))
    #expect(
      Self.isRefused(
        #"{"const": \#(String(repeating: "[", count: 400) + String(repeating: "]", count: 400))}"#))
  }

  @Test func `what is only large is taken`() throws {
    let doubling = (0..<60).map {
      ##""d\##($0)": {"type": "object", "properties": {"x": {"$ref": "#/$defs/d\##($0 + 1)"}, "y": {"$ref": "#/$defs/d\##($0 + 1)"}}}"##
    }
    let definitions = (doubling + [#""d60": {"type": "null"}"#]).joined(separator: ",")
    #expect(!Self.isRefused(##"{"$ref": "#/$defs/d0", "$defs": {\##(definitions)}}"##))
    let values = (0..<10_000).map { "\"value \($0)\"" }.joined(separator: ",")
    #expect(try ConstraintTests.accepts(.schema(#"{"enum": [\#(values)]}"#), #""value 9999""#))
    let members = (0..<300).map { #""m\#($0)": {"type": "integer"}"# }.joined(separator: ",")
    #expect(try ConstraintTests.accepts(.schema(#"{"properties": {\#(members)}}"#), #"{"m7":1,"m299":2}"#))
    #expect(try ConstraintTests.accepts(.schema(#"{"type": "string", "maxLength": 1000000000}"#), #""x""#))
    let optional = String(repeating: #"{"type":"array","items":"#, count: 200)
    #expect(
      try ConstraintTests.accepts(.schema(optional + "{}" + String(repeating: "}", count: 200)), "[[[]]]"))
  }

  /// Every level can be read in two ways, so that there are as many readings as a power of two.
  @Test func `ambiguity narrows and does not explode`() throws {
    let schema = ##"""
      {"$ref": "#/$defs/n", "$defs": {"n": {"anyOf": [
        {"type": "object", "properties": {"v": {"$ref": "#/$defs/n"}, "a": {"type": "integer"}}},
        {"type": "object", "properties": {"v": {"$ref": "#/$defs/n"}, "b": {"type": "integer"}}}]}}}
      """##
    let depth = 40
    let text = String(repeating: #"{"v":"#, count: depth) + "{}" + String(repeating: "}", count: depth)
    #expect(try ConstraintTests.accepts(.schema(schema), text))
  }

  /// Five hundred patterns, each of which is somewhere else after every piece of a text.
  @Test func `however many ways are open, a token's choice takes so much and no more`() throws {
    var random = SplitMix64(seed: 1)
    func word(_ count: Int) -> String {
      String((0..<count).map { _ in Character(Unicode.Scalar(UInt8.random(in: 97...106, using: &random))) })
    }
    let letters = (0..<10).map { UInt8(97 + $0) }
    let pairs = letters.flatMap { first in letters.map { [first, $0] } }
    let vocabulary = TokenVocabulary(
      bytes: (0..<256).map { [UInt8($0)] } + [nil] + pairs
        + pairs.flatMap { pair in pairs.map { pair + $0 } },
      endIDs: [256])
    let branches = (0..<500).map { #"{"type": "string", "pattern": "\#(word(5))\#($0)"}"# }
    let compiled = try ConstraintCompiler(vocabulary: vocabulary).compile(
      .schema(#"{"anyOf": [\#(branches.joined(separator: ","))]}"#))
    var state = try #require(compiled.start().after("\"".utf8))
    for _ in 0..<4 {
      let before = compiled.store().automaton.withLock(\.effort)
      let allowed = Walk.ids(state.mask())
      let after = compiled.store().automaton.withLock(\.effort)
      #expect(after - before < 1_000_000)
      #expect(!allowed.isEmpty)
      for id in allowed where id % 97 == 0 { #expect(state.after(id) != nil) }
      let next = allowed.filter { letters.contains(vocabulary.bytes[Int($0)]?.first ?? 0) }.randomElement(
        using: &random)
      let token = try #require(next)
      state = try #require(state.after(token))
    }
  }

  @Test func `an answer goes on where the tables are begun anew`() throws {
    let compiled = try ConstraintTests.compiler.compile(
      .schema(
        #"{"type": "object", "properties": {"a": {"type": "string", "maxLength": 60000}}, "required": ["a"]}"#
      ))
    var state = try #require(compiled.start().after(#"{"a":""#.utf8))
    let early = state
    for index in 0..<40_000 {
      state = try #require(state.after("x".utf8), "after \(index) characters")
      if index % 1_000 == 0 { #expect(Walk.ids(state.mask()).contains(0x22)) }
    }
    let rest = String(repeating: "é", count: 20_000)
    let full = try #require(state.after(rest.utf8))
    #expect(Walk.ids(full.mask()) == [0x22])
    #expect(full.after("\"}".utf8)?.mustEnd == true)
    // A state from long before is still good.
    #expect(early.after("\"\n}".utf8)?.isComplete == true)
    #expect(Walk.ids(early.mask()).contains(0x22))
  }

  @Test func `threads share a constraint and see the same`() async throws {
    let compiler = ConstraintCompiler(vocabulary: Vocabularies.bytes)
    let alone = try (UInt64(0)..<8).map { seed in
      var walk = Walk(Vocabularies.bytes, seed: seed)
      return try walk.answer(ConstraintTests.compiler.compile(.schema(ConstraintTests.person)))
    }
    let compiled = try compiler.compile(.schema(ConstraintTests.person))
    let together = try await withThrowingTaskGroup(of: (Int, [UInt8]).self) { group in
      for seed in 0..<8 {
        group.addTask {
          var walk = Walk(Vocabularies.bytes, seed: UInt64(seed))
          return (seed, try walk.answer(compiled))
        }
      }
      var answers: [[UInt8]] = Array(repeating: [], count: 8)
      for try await (seed, answer) in group { answers[seed] = answer }
      return answers
    }
    #expect(together == alone)
  }

  @Test func `the same constraint is compiled once`() throws {
    // Not the one that all tests share: it keeps a few only.
    let compiler = ConstraintCompiler(vocabulary: Vocabularies.bytes)
    let one = try compiler.compile(.schema(ConstraintTests.person))
    let two = try compiler.compile(.schema(ConstraintTests.person))
    #expect(one === two)
  }
}
