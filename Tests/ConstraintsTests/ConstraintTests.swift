import Constraints
import Records
import Testing

/// Hand-worked cases: which texts a schema lets through whole, and which not.
struct ConstraintTests {
  static let compiler = ConstraintCompiler(vocabulary: Vocabularies.bytes)

  static func accepts(_ constraint: ResponseConstraint, _ text: String) throws -> Bool {
    let compiled = try compiler.compile(constraint)
    return compiled.refusal(
      of: text.utf8.map { Int32($0) }, in: Vocabularies.bytes, checkingMasks: false) == nil
  }

  static func diagnostics(_ schema: String) -> [String] {
    do throws(ConstraintError) {
      _ = try compiler.compile(.schema(schema))
      return []
    } catch {
      return error.diagnostics.map { "\($0.path): \($0.message)" }
    }
  }

  @Test(arguments: [
    ("{}", true), ("{ }", true), ("{\n}", true), (#"{"a": 1}"#, true), (#"{ "a" : 1 }"#, false),
    (#"{"a":[1,-0.5e-3,true,false,null,"x",{"b":[]}]}"#, true),
    ("{\n  \"a\": [\n    1,\n    2\n  ]\n}", true),
    (#"{"a":01}"#, false), (#"{"a":1.}"#, false), (#"{"a":+1}"#, false), (#"{"a":NaN}"#, false),
    (#"{"a":1e999}"#, false), (#"{"a":1,}"#, false), (#"{,}"#, false), (#"{"a"}"#, false), ("[]", false),
    (#"{"a":"\u00e9\n\/"}"#, true), (#"{"a":"\ud83d\ude00"}"#, true), (#"{"a":"\ud83d"}"#, false),
    (#"{"a":"\ude00"}"#, false), (#"{"a":"\x"}"#, false), ("{\"a\":\"\n\"}", false), ("{\"a\":\"é😀\"}", true),
    ("{\"a\":1}\n", false), ("\n{}", false), ("{  \"a\":1}", false), (#"{"":""}"#, true), ("", false),
  ])
  func `any object is RFC 8259's`(text: String, isAllowed: Bool) throws {
    #expect(try Self.accepts(.object, text) == isAllowed)
  }

  @Test func `strings are UTF-8 and nothing else`() throws {
    let compiled = try Self.compiler.compile(.object)
    for bytes: [UInt8] in [
      [0xC0, 0x80], [0xC1, 0xBF], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xF5], [0x80], [0xFF],
      [0xE0, 0x80, 0x80], [0xF0, 0x80, 0x80, 0x80], [0xC3, 0x22],
    ] {
      let state = try #require(compiled.start().after(#"{"a":""#.utf8))
      #expect(state.after(bytes) == nil, "\(bytes)")
    }
  }

  @Test func `depth is limited and leaves a way out`() throws {
    let compiled = try Self.compiler.compile(.object)
    var state = try #require(compiled.start().after(#"{"a":"#.utf8))
    var depth = 1
    while let deeper = state.after("[".utf8) {
      state = deeper
      depth += 1
    }
    #expect(depth == 64)
    #expect(!Walk.ids(state.mask()).isEmpty)
    let whole = try #require(state.after(String(repeating: "]", count: depth - 1).utf8)?.after("}".utf8))
    #expect(whole.mustEnd)
  }

  static let person = """
    {"type": "object", "properties": {"name": {"type": "string"}, "age": {"type": "integer", "minimum": 0,
    "maximum": 120}, "tags": {"type": "array", "items": {"enum": ["a", "b"]}, "maxItems": 2}}, "required":
    ["name", "age", "tags"], "additionalProperties": false}
    """

  @Test(arguments: [
    (#"{"name":"x","age":0,"tags":[]}"#, true), (#"{"name":"x","age":120,"tags":["a", "b"]}"#, true),
    (#"{"name":"x","age":121,"tags":[]}"#, false), (#"{"name":"x","age":-1,"tags":[]}"#, false),
    (#"{"age":1,"name":"x","tags":[]}"#, false), (#"{"name":"x","age":1}"#, false),
    (#"{"name":"x","age":1,"tags":["a","b","a"]}"#, false), (#"{"name":"x","age":1,"tags":["c"]}"#, false),
    (#"{"name":"x","age":1,"tags":[],"more":1}"#, false), (#"{"name":"x","age":007,"tags":[]}"#, false),
    ("{\n  \"name\": \"x\",\n  \"age\": 12,\n  \"tags\": [\n    \"a\"\n  ]\n}", true),
  ])
  func `a strict object has its members in order`(text: String, isAllowed: Bool) throws {
    #expect(try Self.accepts(.schema(Self.person), text) == isAllowed)
  }

  struct Case: Sendable {
    var schema: String
    var allowed: [String]
    var refused: [String]
  }

  @Test(arguments: [
    Case(
      schema: #"{"properties": {"a": {"type": "null"}, "b": {"type": "boolean"}}}"#,
      allowed: ["{}", #"{"a":null}"#, #"{"b":true}"#, #"{"a":null,"b":false}"#],
      refused: [#"{"b":true,"a":null}"#, #"{"c":1}"#, #"{,"b":true}"#, "null"]),
    Case(
      schema:
        #"{"type": "object", "properties": {"a": {"const": 1}}, "additionalProperties": {"type": "string"}}"#,
      allowed: ["{}", #"{"a":1}"#, #"{"a":1,"b":"x"}"#, #"{"ab":"x","c":""}"#, #"{"":""}"#],
      refused: [#"{"a":"x"}"#, #"{"b":1}"#, #"{"b":"x","a":1}"#, #"{"\u0061":"x"}"#]),
    Case(
      schema: #"{"type": ["string", "null"], "maxLength": 2}"#,
      allowed: ["null", #""""#, #""é😀""#, #""\ud83d\ude00a""#],
      refused: [#""abc""#, "1"]),
    Case(
      schema:
        #"{"type": "array", "prefixItems": [{"const": 1}, {"const": 2}], "items": {"const": 3}, "minItems": 1, "maxItems": 4}"#,
      allowed: ["[1]", "[1,2]", "[1,2,3]", "[1,2,3,3]"], refused: ["[]", "[2]", "[1,3]", "[1,2,3,3,3]"]),
    Case(
      schema: #"{"type": "array", "prefixItems": [{"const": 1}, {"const": 2}]}"#,
      allowed: ["[]", "[1]", "[1,2]"],
      refused: ["[1,2,3]"]),
    Case(
      schema: #"{"type": "array", "items": {"type": "integer"}, "minItems": 2}"#,
      allowed: ["[1,2]", "[1,2,3]"],
      refused: ["[]", "[1]"]),
    Case(schema: #"{"type": "array", "maxItems": 0}"#, allowed: ["[]", "[ ]"], refused: ["[1]"]),
    Case(
      schema: ##"{"anyOf": [{"type": "integer"}, {"type": "object", "properties": {"a": {"$ref": "#"}}}]}"##,
      allowed: ["1", "{}", #"{"a":{"a":2}}"#], refused: ["null", #"{"a":null}"#]),
    Case(
      schema:
        ##"{"$ref": "#/$defs/n%6Fde", "$defs": {"node": {"type": "object", "properties": {"v": {"type": "integer"}, "next": {"anyOf": [{"$ref": "#/$defs/node"}, {"type": "null"}]}}, "required": ["v", "next"]}}}"##,
      allowed: [#"{"v":1,"next":null}"#, #"{"v":1,"next":{"v":2,"next":null}}"#], refused: [#"{"v":1}"#]),
    Case(
      schema:
        #"{"allOf": [{"type": "object", "properties": {"a": {"type": "integer"}}, "required": ["a"]}, {"properties": {"b": {"type": "integer"}, "a": {"minimum": 5}}, "required": ["b"]}]}"#,
      allowed: [#"{"a":5,"b":1}"#], refused: [#"{"a":4,"b":1}"#, #"{"a":5}"#]),
    Case(
      schema: #"{"enum": ["a", 1, null, {"x": [1, 2]}, "a\"\n"]}"#,
      allowed: [#""a""#, "1", "null", #"{"x": [1,2]}"#, #""a\"\n""#], refused: [#""b""#, "2", "{}"]),
    Case(schema: #"{"type": "string", "enum": ["a", 1]}"#, allowed: [#""a""#], refused: ["1"]),
    Case(
      schema: #"{"type": "string", "pattern": "^[a-c]{2,3}(-\\d+)?$"}"#, allowed: [#""ab""#, #""abc-12""#],
      refused: [#""a""#, #""abcd""#, #""ab-""#]),
    Case(
      schema: #"{"type": "string", "pattern": "b"}"#, allowed: [#""b""#, #""abc""#, #""\"b\n""#],
      refused: [#""""#, #""ac""#]),
    Case(
      schema: #"{"type": "string", "pattern": "^a|b$", "maxLength": 3}"#,
      allowed: [#""a""#, #""axx""#, #""xxb""#],
      refused: [#""xa""#, #""axxx""#, #""xbx""#]),
    Case(
      schema: #"{"type": "string", "pattern": "^[^\\s\"]+$"}"#, allowed: [#""é😀\\""#],
      refused: [#""a b""#, #""\"""#, #""\n""#]),
    Case(
      schema: #"{"type": "string", "format": "date"}"#, allowed: [#""2024-02-29""#, #""2026-11-22""#],
      refused: [#""2026-02-29""#, #""2026-13-01""#, #""1900-02-29""#]),
    Case(
      schema: #"{"type": "string", "format": "ipv4"}"#, allowed: [#""0.10.255.1""#],
      refused: [#""256.1.1.1""#, #""01.1.1.1""#]),
    Case(
      schema:
        #"{"type": "object", "propertyNames": {"pattern": "^[a-z]+$"}, "additionalProperties": {"type": "integer"}, "maxProperties": 2}"#,
      allowed: ["{}", #"{"a":1,"b":2}"#], refused: [#"{"A":1}"#, #"{"a":1,"b":2,"c":3}"#]),
    Case(
      schema:
        #"{"type": "object", "properties": {"xa": {"maximum": 5}}, "patternProperties": {"^x": {"type": "integer"}, "y$": {"type": "string"}}, "additionalProperties": false}"#,
      allowed: ["{}", #"{"xa":5,"xb":10,"ay":""}"#],
      refused: [#"{"xa":6}"#, #"{"b":1}"#, #"{"xy":1}"#, #"{"ay":1}"#]),
    Case(
      schema:
        #"{"type": "object", "properties": {"a": {}, "b": {}, "c": {}}, "minProperties": 2, "maxProperties": 2}"#,
      allowed: [#"{"a":1,"c":[]}"#, #"{"b":1,"c":2}"#], refused: ["{}", #"{"a":1}"#, #"{"a":1,"b":1,"c":1}"#]),
    Case(
      schema:
        #"{"oneOf": [{"type": "object", "properties": {"k": {"const": "a"}, "x": {"type": "integer"}}, "required": ["k", "x"]}, {"type": "object", "properties": {"k": {"const": "b"}}, "required": ["k"]}]}"#,
      allowed: [#"{"k":"a","x":1}"#, #"{"k":"b"}"#], refused: [#"{"k":"a"}"#, #"{"k":"b","x":1}"#]),
    Case(schema: "true", allowed: ["1", #""x""#, "[{}]"], refused: ["x"]),
    Case(
      schema: #"{"type": "object", "properties": {"a": false, "b": {"type": "integer"}}}"#,
      allowed: ["{}", #"{"b":1}"#],
      refused: [#"{"a":1}"#]),
    Case(
      schema:
        ##"{"type": "object", "properties": {"a~/\"": {"type": "integer"}, "b": {"$ref": "#/properties/a~0~1\""}}}"##,
      allowed: [#"{"a~/\"":1,"b":2}"#], refused: [#"{"b":"x"}"#]),
  ])
  func `schemas let through what they say`(_ example: Case) throws {
    for text in example.allowed {
      #expect(try Self.accepts(.schema(example.schema), text), "\(text) for \(example.schema)")
    }
    for text in example.refused {
      #expect(try !Self.accepts(.schema(example.schema), text), "\(text) for \(example.schema)")
    }
  }

  @Test(arguments: [
    (#"{"not": {}}"#, "#/not"), (#"{"properties": {"a": {"if": true}}}"#, "#/properties/a/if"),
    (#"{"uniqueItems": true}"#, "#/uniqueItems"), (#"{"pattern": "(?=a)"}"#, "#/pattern"),
    (#"{"pattern": "a{5000}{5000}"}"#, "#/pattern"), (#"{"pattern": "(a"}"#, "#/pattern"),
    (#"{"pattern": "^(a{1,1000}){1000}"}"#, "#/pattern"), (#"{"pattern": "a.{30}$"}"#, "#/pattern"),
    (#"{"minLenght": 3}"#, "#/minLenght"), (#"{"$ref": "https://example.com/x"}"#, "#/$ref"),
    (##"{"$ref": "#/$defs/a"}"##, "#/$ref"), (##"{"$ref": "#"}"##, "#"), (#"{"type": "text"}"#, "#/type"),
    (#"{"type": "integer", "minimum": 5, "maximum": 4}"#, "#"),
    (#"{"allOf": [{"type": "string"}, {"type": "null"}]}"#, "#"),
    (#"{"oneOf": [{"type": "number"}, {"type": "integer"}]}"#, "#/oneOf"), ("false", ""), ("{", "#"),
    (##"{"type": "object", "properties": {"a": {"$ref": "#"}}, "required": ["a"]}"##, ""),
    (#"{"type": "object", "minProperties": 2}"#, "#/minProperties"),
    (#"{"type": "string", "minLength": 3, "maxLength": 2}"#, "#"),
    (#"{"type": "array", "minItems": 1000000}"#, "#/minItems"),
    (#"{"type": "number", "multipleOf": 0}"#, "#/multipleOf"),
    (#"{"type": "integer", "multipleOf": 123457}"#, "#/multipleOf"),
  ])
  func `what cannot be enforced is named with its place`(schema: String, place: String) {
    let found = Self.diagnostics(schema)
    #expect(found.contains { $0.hasPrefix("\(place): ") }, "\(found)")
  }

  @Test func `all problems are reported at once`() {
    let found = Self.diagnostics(
      #"{"not": {}, "properties": {"a": {"type": "txt"}, "b": {"pattern": "("}}, "contains": {}}"#)
    #expect(found.count == 4, "\(found)")
  }

  @Test func `texts, free text, sequences and choices follow each other`() throws {
    let call = ResponseConstraint.sequence([
      .text("<call>"),
      .schema(#"{"type": "object", "properties": {"x": {"type": "integer"}}, "required": ["x"]}"#),
      .text("</call>"),
    ])
    let optional = ResponseConstraint.choice([.free(until: ""), .sequence([.free(until: "<call>"), call])])
    #expect(try Self.accepts(call, #"<call>{"x":1}</call>"#))
    #expect(try !Self.accepts(call, #"<call>{"x":1}"#))
    #expect(try Self.accepts(optional, "just text é"))
    #expect(try Self.accepts(optional, #"so <<call><call>{"x":1}</call>"#))
    let until = ResponseConstraint.sequence([.free(until: "aab"), .text("!")])
    #expect(try Self.accepts(until, "aaab!"))
    #expect(try Self.accepts(until, "é aaab!"))
    #expect(try !Self.accepts(until, "aab"))
    #expect(try !Self.accepts(until, "aabaab!"))
    #expect(try Self.accepts(.sequence([]), ""))
    #expect(throws: ConstraintError.self) { try Self.compiler.compile(.choice([])) }
  }

  @Test func `a vocabulary without a needed byte is refused`() throws {
    let withoutBrace = TokenVocabulary(
      bytes: (0..<256).map { $0 == 0x7D ? nil : [UInt8($0)] } + [nil], endIDs: [256])
    #expect(throws: ConstraintError.self) {
      try ConstraintCompiler(vocabulary: withoutBrace).compile(.object)
    }
    #expect(throws: ConstraintError.self) {
      try ConstraintCompiler(vocabulary: TokenVocabulary(bytes: Vocabularies.bytes.bytes, endIDs: []))
        .compile(.object)
    }
    // What is not needed may be missing.
    let withoutHighBytes = TokenVocabulary(
      bytes: (0..<256).map { $0 < 128 ? [UInt8($0)] : nil } + [[0xC3, 0xA9], [0xC3]], endIDs: [256])
    let compiled = try ConstraintCompiler(vocabulary: withoutHighBytes).compile(.object)
    let state = try #require(compiled.start().after(#"{"a":""#.utf8))
    #expect(state.after("é".utf8) == nil)
    #expect(state.after("x".utf8) != nil)
    let ids = Walk.ids(state.mask())
    #expect(!ids.contains(257) && !ids.contains(258) && ids.contains(Int32(UInt8(ascii: "x"))))
  }
}
